import { expect } from 'vitest';
import { verifyAuditChain } from '../../../src/domain/audit/audit-event.ts';
import { deriveKey } from '../../../src/domain/keys/sealed.ts';
import { openSqliteStores } from '../../../src/store/sqlite-store.ts';
import type { DrivenSlack } from '../../driver/driven-slack.ts';
import type { DrivenWandb } from '../../driver/driven-wandb.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { startWandb } from '../../sandbox/wandb/wandb-calls.ts';
import { type LiveSetup, secrets } from '../live-setup.ts';
import type { MainProcess } from '../main-process.ts';
import { startKeysmithProcess, startSlackForTest, wandbSetup } from './wandb-setup.ts';

/** Longer than the longest lease. */
const PAUSE_MS = 120_000;
const KEYS = /local-[0-9a-f]{40}/g;

/** Slack, a W&B server, and a Keysmith process between them that can be killed and restarted. */
export interface KillableKeysmith {
  slack: DrivenSlack;
  wandb: DrivenWandb;
  ada: SlackPerson;
  setup: LiveSetup;
  /** Including the killed ones. */
  processes: MainProcess[];
  /** Kills the process without warning, and resolves once it has exited. */
  kill(): Promise<void>;
  /** Restarts it on the same database, with a clock at which every lease has expired. */
  startAfterLease(): Promise<void>;
}

export async function startKillable(): Promise<KillableKeysmith> {
  let aheadMs = 0;
  const slack = await startSlackForTest(() => Date.now() + aheadMs);
  // A new process on a busy machine takes longer than Slack waits.
  slack.acknowledgeWithin(60_000);
  const wandb = await startWandb();
  const setup = wandbSetup(slack, wandb);
  const processes = [await startKeysmithProcess(slack, setup)];
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
      aheadMs += PAUSE_MS;
      const ahead = { NODE_OPTIONS: `--import=${preloaded}`, TEST_CLOCK_AHEAD_MS: String(aheadMs) };
      processes.push(
        await startKeysmithProcess(slack, { ...setup, settings: { ...setup.settings, ...ahead } }),
      );
    },
  };
}

/** Returns every key in the messages that Ada can see. */
export function keysShown({ ada }: KillableKeysmith): string[] {
  const shown = ['ml-platform', 'Keysmith'].flatMap((conversation) => ada.messages(conversation));
  return [...new Set(JSON.stringify(shown).match(KEYS))];
}

export function activeKeys({ wandb }: KillableKeysmith): string[] {
  return wandb
    .activeKeys()
    .filter(({ owner }) => owner.accountType === 'SERVICE')
    .map(({ secret }) => secret);
}

export const onServer = ({ wandb }: KillableKeysmith) => wandb.team('ml-platform').serviceAccounts();

/** Waits until nothing is in progress, then expects what must hold after any crash. */
export async function expectConsistent(keysmith: KillableKeysmith): Promise<void> {
  const { rows } = keysmith.setup;
  const inProgress = () =>
    rows(
      `select id, state from service_accounts where state in ('provisioning', 'revoking') union all
       select id, state from deliveries where state = 'sending' union all
       select name, desired from server_accounts where desired = 'absent' and gone_at_ms is null union all
       select subject, kind from jobs where finished_at_ms is null and kind = 'notification'`,
    );
  await expect.poll(inProgress, { timeout: 10_000, interval: 50 }).toEqual([]);

  // A late check deletes what the server created after the first one.
  const keysWithoutOwner = () => activeKeys(keysmith).filter((key) => !keysShown(keysmith).includes(key));
  await expect.poll(keysWithoutOwner, { timeout: 10_000, interval: 50 }).toEqual([]);
  const known = rows<{ name: string }>(
    `select server_accounts.name from server_accounts
      join service_accounts on service_accounts.id = account_id and state = 'active'
      where desired = 'present'`,
  );
  const shown = onServer(keysmith).map(({ name }) => name);
  expect(known.map(({ name }) => name).sort()).toEqual(shown.sort());
  await expectAuditIntact(keysmith.setup);
  expectNoSecrets(keysmith);
}

async function expectAuditIntact({ databaseFile: file }: LiveSetup): Promise<void> {
  const auditKey = deriveKey(Buffer.from(secrets.KEYSMITH_SECRET, 'base64'), 'audit');
  const stores = openSqliteStores({ file, mode: 'live', auditKey, newId: (prefix) => prefix });
  try {
    const store = await stores.openOrganization('acme', 0);
    const records = await store.auditRecords();
    expect(records).not.toEqual([]);
    expect(verifyAuditChain(records, store.organizationId, auditKey)).toMatchObject({ intact: true });
  } finally {
    await stores.close();
  }
}

/** Expects no secret in the output of the processes, which log at level trace. */
function expectNoSecrets(keysmith: KillableKeysmith): void {
  const { processes, wandb } = keysmith;
  const written = processes.map((main) => main.output()).join('');
  const keys = [...keysShown(keysmith), ...activeKeys(keysmith), wandb.apiKey];
  expect(keys.filter((key) => written.includes(key))).toEqual([]);
}
