import { expect } from 'vitest';
import { verifyAuditChain } from '../../../src/domain/audit/audit-event.ts';
import { deriveKey } from '../../../src/domain/keys/sealed.ts';
import type { LocalWandb } from '../../../src/sandbox/wandb/local-wandb.ts';
import { openSqliteStore } from '../../../src/store/sqlite-store.ts';
import type { DrivenSlack } from '../../driver/driven-slack.ts';
import type { SlackPerson } from '../../driver/person.ts';
import { startWandb } from '../../sandbox/wandb/fixture.ts';
import { type LiveSetup, secrets } from '../live-setup.ts';
import type { MainProcess } from '../main-process.ts';
import { serve, slackUntilEnd, wandbSetup } from './wandb-setup.ts';

/** Past the longest lease, and within what a signature of Slack's may be old. */
const CLOCK_AHEAD_MS = 120_000;
const KEYS = /local-[0-9a-f]{40}/g;

/** Both servers, and the process between them, which can be killed and started again. */
export interface KillableKeysmith {
  slack: DrivenSlack;
  wandb: LocalWandb;
  ada: SlackPerson;
  setup: LiveSetup;
  /** All of them, also those that are dead. */
  processes: MainProcess[];
  /** Ends it as a power cut would; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it on the same database, when every lease of the dead one is over. */
  startAfterLease(): Promise<void>;
}

export async function startKillable(): Promise<KillableKeysmith> {
  const slack = await slackUntilEnd();
  const wandb = await startWandb();
  const setup = wandbSetup(slack, wandb);
  const processes = [await serve(slack, setup)];
  return {
    slack,
    wandb,
    ada: slack.as('Ada'),
    setup,
    processes,
    async kill() {
      const main = processes.at(-1);
      main?.child.kill('SIGKILL');
      await main?.ended;
      expect(main?.child.signalCode).toBe('SIGKILL');
    },
    async startAfterLease() {
      const preloaded = new URL('./clock-ahead.ts', import.meta.url);
      const ahead = { NODE_OPTIONS: `--import=${preloaded}`, TEST_CLOCK_AHEAD_MS: String(CLOCK_AHEAD_MS) };
      processes.push(await serve(slack, { ...setup, settings: { ...setup.settings, ...ahead } }));
    },
  };
}

/** Every key that stands in a message before Ada's eyes. */
export function keysShown({ ada }: KillableKeysmith): string[] {
  const shown = ['ml-platform', 'Keysmith'].flatMap((conversation) => ada.messages(conversation));
  return [...new Set(JSON.stringify(shown).match(KEYS))];
}

export function liveKeys({ wandb }: KillableKeysmith): string[] {
  return wandb
    .liveKeys()
    .filter(({ owner }) => owner.accountType === 'SERVICE')
    .map(({ secret }) => secret);
}

export const onServer = ({ wandb }: KillableKeysmith) => wandb.team('ml-platform').serviceAccounts();

/** What must hold when nothing is under way any more, whatever was killed before. */
export async function expectInOrder(keysmith: KillableKeysmith): Promise<void> {
  const { rows } = keysmith.setup;
  const underWay = () =>
    rows(
      `select id from backend_operations where state = 'under_way' union all
       select id from deliveries where state = 'sending' union all
       select id from service_accounts where state = 'creating'`,
    );
  await expect.poll(underWay, { timeout: 10_000, interval: 50 }).toEqual([]);

  const heldByNobody = liveKeys(keysmith).filter((key) => !keysShown(keysmith).includes(key));
  expect(heldByNobody).toEqual([]);
  const known = rows<{ id: string }>(
    `select backend_member_id as id from service_accounts
      where state = 'active' and revoked_at_ms is null and backend_member_id is not null`,
  );
  const idsOnServer = onServer(keysmith).map(({ id }) => id);
  expect(known.map(({ id }) => id).sort()).toEqual(idsOnServer.sort());
  await expectAuditIntact(keysmith.setup);
  expectNoSecrets(keysmith);
}

async function expectAuditIntact({ databaseFile: file }: LiveSetup): Promise<void> {
  const auditKey = deriveKey(Buffer.from(secrets.KEYSMITH_SECRET, 'base64'), 'audit');
  const store = openSqliteStore({ file, mode: 'live', auditKey, newId: (prefix) => prefix });
  try {
    const organizationId = await store.openOrganization('acme', 0);
    const records = await store.auditRecords(organizationId);
    expect(records).not.toEqual([]);
    expect(verifyAuditChain(records, organizationId, auditKey)).toMatchObject({ intact: true });
  } finally {
    await store.close();
  }
}

/** Nothing that opens anything stands in what the processes wrote, which was at level trace. */
function expectNoSecrets(keysmith: KillableKeysmith): void {
  const { processes, wandb } = keysmith;
  const written = processes.map((main) => main.output()).join('');
  const keys = [...keysShown(keysmith), ...liveKeys(keysmith), wandb.apiKey];
  expect(keys.filter((key) => written.includes(key))).toEqual([]);
}
