import { expect } from 'vitest';
import { MINUTE_MS, type Replica, TEAM, type WandbWorld } from './wandb-world.ts';

/**
 * Asserts what must hold whenever no work is pending: both systems agree, and every active key was delivered. `alsoOnServer`: what
 * an admin created. `returnsKeys`: false if an admin holds the keys, because the server returned none.
 */
export function expectBothSidesAgree(
  { wandb, delivered }: WandbWorld,
  replica: Replica,
  { alsoOnServer = [], returnsKeys = true }: { alsoOnServer?: string[]; returnsKeys?: boolean } = {},
): void {
  const onServer = wandb
    .team(TEAM)
    .serviceAccounts()
    .filter(({ name }) => !alsoOnServer.includes(name));
  const ids = onServer.map(({ id }) => id);
  const activeKeys = wandb.activeKeys().filter(({ owner }) => returnsKeys && ids.includes(owner.id));
  expect(activeKeys.filter(({ secret }) => !delivered.includes(secret))).toEqual([]);
  const known = replica.query(
    `SELECT server_accounts.name FROM server_accounts
      JOIN service_accounts ON service_accounts.id = server_accounts.account_id AND state = 'active'
      WHERE desired = 'present' ORDER BY server_accounts.name`,
  );
  expect(known).toEqual(onServer.map(({ name }) => ({ name })).sort((a, b) => (a.name < b.name ? -1 : 1)));
  expect(replica.query("SELECT id FROM deliveries WHERE state = 'sending'")).toEqual([]);
  expect(
    replica.query("SELECT id FROM service_accounts WHERE state IN ('provisioning', 'revoking')"),
  ).toEqual([]);
  expect(replica.query('SELECT * FROM jobs WHERE failing_since_ms IS NOT NULL AND outcome IS NULL')).toEqual(
    [],
  );
}

/** Runs the due jobs several times, minutes apart: enough to finish all pending work. */
export async function settleAll(replica: Replica): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    replica.clock.nowMs += 3 * 60_000;
    await replica.runJobs();
  }
}

/** Runs the due jobs for this long, at longer intervals than a running Keysmith does. */
export async function runJobsFor(replica: Replica, minutes: number): Promise<void> {
  const untilMs = replica.clock.nowMs + minutes * MINUTE_MS;
  const stepMs = (minutes > 180 ? 30 : 5) * MINUTE_MS;
  while (replica.clock.nowMs < untilMs) {
    replica.clock.nowMs = Math.min(replica.clock.nowMs + stepMs, untilMs);
    await replica.runJobs();
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
