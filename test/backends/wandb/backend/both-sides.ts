import { expect } from 'vitest';
import { MINUTE_MS, type Replica, TEAM, type WandbWorld } from './wandb-world.ts';

/** Asserts what must hold whenever no work is pending: both systems agree, and every active key was delivered. */
export function expectBothSidesAgree({ wandb, delivered }: WandbWorld, replica: Replica): void {
  const onServer = wandb.team(TEAM).serviceAccounts();
  const activeKeys = wandb.activeKeys().filter(({ owner }) => owner.accountType === 'SERVICE');
  expect(activeKeys.filter(({ secret }) => !delivered.includes(secret))).toEqual([]);
  const known = replica.query(
    "SELECT backend_member_id AS id, name FROM service_accounts WHERE state = 'active' AND revoked_at_ms IS NULL AND backend_member_id IS NOT NULL ORDER BY id",
  );
  const sorted = onServer.map(({ id, name }) => ({ id, name })).sort((a, b) => (a.id < b.id ? -1 : 1));
  expect(known).toEqual(sorted);
  expect(replica.query("SELECT id FROM backend_operations WHERE state = 'under_way'")).toEqual([]);
  expect(replica.query("SELECT id FROM deliveries WHERE state = 'sending'")).toEqual([]);
  expect(replica.query("SELECT id FROM service_accounts WHERE state = 'provisioning'")).toEqual([]);
}

/** Runs enough sweeps, minutes apart, to finish all pending work. */
export async function settleAll(replica: Replica): Promise<void> {
  for (let sweep = 0; sweep < 5; sweep += 1) {
    replica.clock.nowMs += 3 * 60_000;
    await replica.sweep();
  }
}

/** Sweeps for this long, at longer intervals than a running Keysmith does. */
export async function sweepFor(replica: Replica, minutes: number): Promise<void> {
  const untilMs = replica.clock.nowMs + minutes * MINUTE_MS;
  const stepMs = (minutes > 180 ? 30 : 5) * MINUTE_MS;
  while (replica.clock.nowMs < untilMs) {
    replica.clock.nowMs = Math.min(replica.clock.nowMs + stepMs, untilMs);
    await replica.sweep();
  }
}

/** Asserts that no key is in the database or the log. */
export function expectNoSecretKept({ wandb, delivered, lines }: WandbWorld, replica: Replica): void {
  const tables = replica.query("SELECT name FROM sqlite_schema WHERE type = 'table'") as { name: string }[];
  const kept =
    JSON.stringify(tables.map(({ name }) => replica.query(`SELECT * FROM "${name}"`))) + lines.join('');
  const secrets = [...delivered, ...wandb.activeKeys().map(({ secret }) => secret), wandb.apiKey];
  expect(secrets.filter((secret) => kept.includes(secret))).toEqual([]);
}
