import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { wandbPresets } from '../../../src/sandbox/wandb/wandb-presets.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { endAccount } from '../steps.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let workspace: RunningWorkspace;
afterEach(() => workspace.stop());

/** Starts a workspace that follows the audit log, with an account of the team ml-platform. */
async function start(auditLog: 'on' | 'lines' = 'on') {
  workspace = await startWorkspace({
    backend: 'wandb',
    wandb: { caller: 'organization_admin', capabilities: { auditLog, keepsKeysOfDeleted: true } },
  });
  await restart();
  const ada = workspace.slack.as('Ada');
  await createAccount(ada, 'random', 'nightly-eval');
  return ada;
}

function restart() {
  const { baseUrl, apiKey } = workspace.wandb;
  return workspace.restartKeysmith({
    backend: { kind: 'wandb', baseUrl, apiKey: new Secret(apiKey), followsAuditLog: true },
  });
}

async function pass(milliseconds: number) {
  workspace.clock.advance(milliseconds);
  await workspace.keysmith.settle();
}

const recorded = async () =>
  (await workspace.audit())
    .filter(({ action }) => action === 'outside_change.recorded')
    .map(({ details: { team, kind, subject } }) => [team, kind, subject]);

describe('With the audit log of W&B', () => {
  test.each([
    ['in pages', 'on'],
    ['in lines of whole days', 'lines'],
  ] as const)(
    'changes by others appear in the record, the list and one digest a day, and Keysmith’s own don’t, with a log %s',
    async (_, auditLog) => {
      const ada = await start(auditLog);
      const team = workspace.wandb.team('ml-platform');
      const { id } = team.createServiceAccount('by <!channel>');
      team.removeMember(id);
      team.createServiceAccount('ingest');
      workspace.wandb.setActive('ben@acme.test', false);
      await pass(11 * MINUTE_MS);

      expect(await recorded()).toEqual([
        ['ml-platform', 'account_created', id],
        ['ml-platform', 'key_created', id],
        ['ml-platform', 'account_deleted', id],
        ['ml-platform', 'account_created', 'ingest'],
        ['ml-platform', 'key_created', 'ingest'],
        ['ml-platform', 'person_deactivated', 'ben@acme.test'],
      ]);
      const list = visibleText(await ask(ada, 'random', '/wandb sa list'));
      expect(list).toMatch(/• `ingest` in `ml-platform`, created .* by `.*@/);
      await pass(DAY_MS);
      const digest = visibleText(await ada.waitForMessage('Keysmith', 'made in W&B, outside Keysmith'));
      expect(digest).toContain('service account `ingest` was created by');
      expect(digest).not.toContain('nightly-eval');
      await pass(2 * DAY_MS);
      const digests = ada
        .messages('Keysmith')
        .filter((message) => visibleText(message).includes('outside Keysmith'));
      expect(digests).toHaveLength(1);
    },
  );

  test('an account that Keysmith created through SCIM is named in the record when someone deletes it in W&B', async () => {
    workspace = await startWorkspace({
      backend: 'wandb',
      wandb: { caller: 'organization_service_account', capabilities: wandbPresets['0.84'] },
    });
    await restart();
    const ada = workspace.slack.as('Ada');
    await openForm(ada, 'random', '/wandb sa new nightly-eval --team ml-platform');
    await ada.fill('method', 'api_key_on_server');
    await ada.waitForView('A team admin then creates its key in W&B');
    await ada.submit();
    await ada.waitForView('Created `nightly-eval`');
    const team = workspace.wandb.team('ml-platform');
    const account = team.serviceAccounts().find(({ name }) => name.startsWith('nightly-eval-ks'));
    team.removeMember(account?.id ?? '');
    await pass(11 * MINUTE_MS);
    expect(await recorded()).toEqual([['ml-platform', 'account_deleted', account?.name]]);
  });

  test('changes made while Keysmith was down are read once after the next start, day by day', async () => {
    await start();
    const team = workspace.wandb.team('ml-platform');
    await workspace.keysmith.stop();
    team.createAccountWithoutKey('first');
    workspace.clock.advance(2 * DAY_MS);
    team.createAccountWithoutKey('second');
    await restart();
    await workspace.keysmith.settle();
    // In the first hour of a day, the day before is read again.
    await pass(61 * MINUTE_MS);
    await restart();
    await pass(11 * MINUTE_MS);

    expect(await recorded()).toEqual([
      ['ml-platform', 'account_created', 'first'],
      ['ml-platform', 'account_created', 'second'],
    ]);
  });

  test('a refused audit log shows as a failing job, and is followed again once the server returns it', async () => {
    await start();
    workspace.wandb.switch('auditLog', 'forbidden');
    workspace.wandb.team('ml-platform').createAccountWithoutKey('ingest');
    await pass(11 * MINUTE_MS);
    const job = () =>
      workspace.rows<{ last_failure: string | null }>(
        "SELECT last_failure FROM jobs WHERE kind = 'audit_log'",
      );
    expect(job()).toEqual([{ last_failure: 'not_allowed' }]);
    workspace.wandb.switch('auditLog', 'on');
    await pass(60 * MINUTE_MS);
    expect(job()).toEqual([{ last_failure: null }]);
    expect(await recorded()).toEqual([['ml-platform', 'account_created', 'ingest']]);
  });

  test('the reminder of a deleted account’s keys closes itself when its only key was deleted', async () => {
    const ada = await start();
    const [one] = workspace.wandb.activeKeys().filter(({ owner }) => owner.accountType === 'SERVICE');
    await remove(ada);
    workspace.wandb.deleteKey(one?.secret ?? '');
    await pass(11 * MINUTE_MS);
    expect(await confirmations()).toEqual([{ type: 'system', name: 'wandb_audit_log' }]);
    await pass(8 * DAY_MS);
    expect(reminders(ada)).toHaveLength(1);
  });

  test('the reminder stays open when the account had another key', async () => {
    const ada = await start();
    const [one] = workspace.wandb.activeKeys().filter(({ owner }) => owner.accountType === 'SERVICE');
    workspace.wandb.createKey(one?.owner.id ?? '', 'laptop');
    await pass(11 * MINUTE_MS);
    await remove(ada);
    workspace.wandb.deleteKey(one?.secret ?? '');
    await pass(8 * DAY_MS);
    expect(await confirmations()).toEqual([]);
    expect(reminders(ada)).toHaveLength(2);
  });
});

test('an admin confirms once that all keys are deleted; until then, the admins are reminded four times', async () => {
  workspace = await startWorkspace({ backend: 'wandb' });
  const ada = workspace.slack.as('Ada');
  await createAccount(ada, 'random', 'nightly-eval');
  await createAccount(ada, 'random', 'ingest');
  await remove(ada);
  await remove(ada, 'ingest');
  expect(reminders(ada)).toHaveLength(2);
  const [first] = reminders(ada);
  if (!first) throw new Error('No reminder');
  expect(visibleText(first)).toContain(`<${workspace.wandb.baseUrl}/ml-platform/service-accounts>`);
  const listed = async () => visibleText(await ask(ada, 'random', '/wandb sa list'));
  const before = await listed();
  expect(before).toContain('Keys of deleted accounts to delete in W&B: `ingest-ks');
  expect(before).toContain('`nightly-eval-ks');
  await ada.click(first, 'All keys deleted');
  await ada.waitForMessage('Keysmith', 'Recorded: all keys of `nightly-eval-ks');
  expect(await listed()).not.toContain('nightly-eval-ks');
  expect(await confirmations()).toEqual([expect.objectContaining({ type: 'person' })]);
  for (let week = 0; week < 6; week += 1) await pass(7 * DAY_MS + MINUTE_MS);
  // The first message was replaced.
  expect(reminders(ada)).toHaveLength(4);
});

async function remove(person: SlackPerson, name = 'nightly-eval') {
  expect(await endAccount(person, 'random', `/wandb sa revoke ${name}`)).toContain(
    `Deleted \`${name}\` in \`ml-platform\``,
  );
  await workspace.keysmith.settle();
}

const reminders = (person: SlackPerson) =>
  person.messages('Keysmith').filter((message) => visibleText(message).includes('*Delete the keys of'));

const confirmations = async () =>
  (await workspace.audit())
    .filter(({ action }) => action === 'server_account.keys_deleted')
    .map(({ actor }) => actor);
