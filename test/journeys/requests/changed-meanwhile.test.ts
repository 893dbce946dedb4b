import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { createAccount, keyIn } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace } from '../../world/running-workspace.ts';
import {
  cardOf,
  cardSays,
  changeTeam,
  DAY_MS,
  deny,
  requestFederated,
  requestKey,
  says,
  settleAfter,
  startWithPolicy,
} from './request-world.ts';

describe.each(BACKENDS)('What changed since a request, with the backend %s', (backend) => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  let ben: SlackPerson;
  beforeAll(async () => {
    workspace = await startWithPolicy(backend);
    ada = workspace.slack.as('Ada');
    ben = workspace.slack.as('Ben');
  });
  afterAll(() => workspace.stop());

  const accountsNamed = (name: string) =>
    workspace.rows<{ state: string }>('select state from service_accounts where name = ?', name);
  const keysOf = (name: string) =>
    workspace.rows(
      'select 1 from api_keys k join service_accounts a on a.id = k.account_id where a.name = ?',
      name,
    );
  const request = async (name: string) => {
    await requestKey(ben, name);
    await workspace.keysmith.settle();
    return cardOf(ada, name);
  };
  const requestIdentity = async (name: string, subject: string) => {
    await requestFederated(ben, name, subject);
    await workspace.keysmith.settle();
    return cardOf(ada, name);
  };
  const approve = async (name: string) => {
    await ada.click(await cardOf(ada, name), 'Approve');
    return ben.waitForMessage('Keysmith', (message) => says(message, name, 'approved your request'));
  };
  const collect = async (offer: PageMessage, name: string) => {
    await ben.click(offer, 'Collect key');
    return ben.waitForMessage(
      'Keysmith',
      (message) => keyIn(message) !== undefined && says(message, `API key for \`${name}\``),
    );
  };
  const refusedWith = (name: string, text: string) =>
    ada.waitForMessage('Keysmith', (message) => says(message, name, text));

  test('stops the approval while the requester is deactivated or a guest, and a guest collects nothing', async () => {
    const guest = { guest: 'multi_channel' } as const;
    const member = { guest: undefined as never, deactivated: false };
    await request('guest-eval');
    for (const change of [{ deactivated: true }, guest]) {
      workspace.slack.changePerson('Ben', { ...member, ...change });
      const count = ada.messages('Keysmith').length;
      await ada.click(await cardOf(ada, 'guest-eval'), 'Approve');
      const refused = await ada.waitFor('a refusal', () => ada.messages('Keysmith')[count]);
      expect(visibleText(refused)).toContain('is no longer a member of the team. Deny the request.');
    }
    expect(accountsNamed('guest-eval')).toEqual([]);
    workspace.slack.changePerson('Ben', member);

    const offer = await approve('guest-eval');
    workspace.slack.changePerson('Ben', guest);
    await ben.click(offer, 'Collect key');
    await ben.waitForMessage('Keysmith', 'Guests of this workspace can’t use Keysmith.');
    expect(keysOf('guest-eval')).toEqual([]);
    workspace.slack.changePerson('Ben', member);
    await collect(offer, 'guest-eval');
    expect(keysOf('guest-eval')).toHaveLength(1);
  });

  test('stops the approval and the collection when the requester left the team, until they are back', async () => {
    const leave = (role: 'none' | 'member') => {
      if (backend === 'builtin') return changeTeam(workspace, { roles: { ben: role } });
      const team = workspace.wandb.team('ml-platform');
      if (role === 'none') team.removeMember('ben@acme.test');
      else team.addMember('ben@acme.test');
      return workspace.keysmith.settle();
    };
    await request('left-eval');
    await leave('none');
    await ada.click(await cardOf(ada, 'left-eval'), 'Approve');
    await refusedWith('left-eval', 'is no longer a member of the team. Deny the request.');
    await leave('member');

    const offer = await approve('left-eval');
    await leave('none');
    await ben.click(offer, 'Collect key');
    await ben.waitForMessage('Keysmith', 'You don’t have a key to collect here.');
    expect(keysOf('left-eval')).toEqual([]);
    await leave('member');
    await collect(offer, 'left-eval');
  });

  test('stops the approval of a name that was taken', async () => {
    const card = await request('taken-eval');
    await createAccount(ada, 'random', 'taken-eval');
    await ada.click(card, 'Approve');
    await refusedWith('taken-eval', 'another account with this name now');
    expect(accountsNamed('taken-eval')).toHaveLength(1);
  });

  test('stops an approval that the policy doesn’t allow anymore, with the rule and who can change it', async () => {
    const card = await request('rule-eval');
    await changeTeam(workspace, { policy: { accountNames: { pattern: 'ml-*', example: 'ml-eval' } } });
    await ada.click(card, 'Approve');
    await refusedWith('rule-eval', 'can’t be approved: ');
    await refusedWith('rule-eval', 'ml-*');
    expect(accountsNamed('rule-eval')).toEqual([]);
    await changeTeam(workspace, { policy: { longestKeyLifeDays: 30 } });
    if (backend === 'builtin') {
      await ada.click(card, 'Approve');
      await refusedWith('rule-eval', '30 days');
      expect(accountsNamed('rule-eval')).toEqual([]);
    }
    await deny(ada, card, 'Ask again');
    await ben.waitForMessage('Keysmith', (message) => says(message, 'rule-eval', 'Ask again'));
    await changeTeam(workspace, {});
  });

  test.runIf(backend === 'builtin')(
    'shortens a key that is collected after the longest life became shorter',
    async () => {
      await request('short-eval');
      const offer = await approve('short-eval');
      await changeTeam(workspace, { policy: { longestKeyLifeDays: 30 } });
      await collect(offer, 'short-eval');
      const [key] = workspace.rows<{ days: number }>(
        `select (k.expires_at_ms - k.created_at_ms) / ${DAY_MS} as days from api_keys k join service_accounts a on a.id = k.account_id where a.name = 'short-eval'`,
      );
      expect(key?.days).toBe(30);
      await changeTeam(workspace, {});
    },
  );

  test('stops neither the approval nor the collection when the clock was set back', async () => {
    await request('clock-eval');
    workspace.clock.step(-3 * DAY_MS);
    await workspace.keysmith.settle();
    const offer = await approve('clock-eval');
    workspace.clock.step(-3 * DAY_MS);
    await workspace.keysmith.settle();
    await collect(offer, 'clock-eval');
    await workspace.keysmith.settle();
    workspace.clock.step(6 * DAY_MS);
    expect(keysOf('clock-eval')).toHaveLength(1);
    expect(accountsNamed('clock-eval')).toEqual([{ state: 'active' }]);
  });

  test('lets a request lapse at its reminder when the requester left, and says why', async () => {
    await request('early-eval');
    workspace.slack.changePerson('Ben', { deactivated: true });
    workspace.clock.advance(2 * DAY_MS + 1_000);
    await workspace.keysmith.settle();
    await workspace.keysmith.settle();
    await cardSays(ada, 'early-eval', 'because the requester isn’t a member anymore');
    workspace.slack.changePerson('Ben', { deactivated: false });
  });

  test.runIf(backend === 'wandb')(
    'is tried again when the W&B server is back, at the approval and at the collection',
    async () => {
      const card = await request('down-eval');
      workspace.wandb.failures.set('*', { kind: 'status', status: 500 });
      await ada.click(card, 'Approve');
      const answer = await ada.waitForMessage('Keysmith', 'the W&B server returned an internal error');
      expect(visibleText(answer)).toContain('Nothing was changed');
      expect(accountsNamed('down-eval')).toEqual([]);
      workspace.wandb.failures.clear();

      const offer = await approve('down-eval');
      workspace.wandb.failures.set('createServiceAccount', { kind: 'status', status: 500 });
      await ben.click(offer, 'Collect key');
      await ben.waitForMessage('Keysmith', (message) =>
        says(message, 'down-eval', '*Collect key* still works'),
      );
      workspace.wandb.failures.clear();
      await collect(offer, 'down-eval');
      expect(keysOf('down-eval')).toHaveLength(1);
    },
  );

  test.runIf(backend === 'wandb')(
    'leads to one account, and one key, when a process is lost at the collection or the approval',
    async () => {
      const accounts = () =>
        workspace.wandb
          .team('ml-platform')
          .serviceAccounts()
          .filter(({ name }) => name.startsWith('lost-'));
      /** Works while the server's response is held, as if the process was lost. Returns how to end that. */
      const lose = async (operation: string, click: () => Promise<unknown>) => {
        const hold = workspace.wandb.hold(operation, { at: 'after' });
        const clicked = click();
        await hold.reached;
        for (let round = 0; round < 2; round += 1) await settleAfter(workspace, 3 * 60_000);
        return async () => {
          hold.release();
          await clicked;
        };
      };
      await request('lost-eval');
      const offer = await approve('lost-eval');
      const continueCollecting = await lose('createServiceAccount', () => ben.click(offer, 'Collect key'));
      const again = await ben.waitForMessage('Keysmith', (message) =>
        says(message, 'Collect the key for `lost-eval`'),
      );
      expect(accounts()).toEqual([]);
      const key = keyIn(await collect(again, 'lost-eval'));
      await continueCollecting();
      await workspace.keysmith.settle();
      expect(accounts().flatMap(({ keys }) => keys.map(({ secret }) => secret))).toEqual([key]);

      const card = await requestIdentity('lost-fed', 'repo:acme/lost');
      const continueApproving = await lose('createClient', () => ada.click(card, 'Approve'));
      const unconfirmed = 'W&amp;B hasn’t confirmed yet';
      const created = (message: PageMessage) =>
        !says(message, unconfirmed) && says(message, 'Approved by <@');
      await ada.waitForMessage('Keysmith', (message) => message.ts === card.ts && created(message));
      await ben.waitForMessage(
        'Keysmith',
        (message) => says(message, 'You requested `lost-fed`') && created(message),
      );
      await continueApproving();
      await workspace.keysmith.settle();
      const instructions = ben
        .messages('Keysmith')
        .filter((message) => says(message, 'Federated account `lost-fed`'));
      expect(instructions).toHaveLength(1);
      expect(accountsNamed('lost-fed')).toEqual([{ state: 'active' }]);
      expect(accounts().flatMap(({ OAuthClients }) => OAuthClients.map(({ subject }) => subject))).toEqual([
        'repo:acme/lost',
      ]);
    },
  );

  test.runIf(backend === 'wandb')(
    'ends with an outcome for both when the W&B server refuses a federated account',
    async () => {
      const card = await requestIdentity('fed-eval', 'repo:acme/fed');
      workspace.wandb.failures.set('createClient', { kind: 'status', status: 403 });
      await ada.click(card, 'Approve');
      await refusedWith('fed-eval', 'was approved, but the account wasn’t created');
      workspace.wandb.failures.clear();
      await workspace.keysmith.settle();
      await ben.waitForMessage('Keysmith', (message) => says(message, 'fed-eval', 'wasn’t created'));
      expect(accountsNamed('fed-eval')).toEqual([{ state: 'failed' }]);
    },
  );
});
