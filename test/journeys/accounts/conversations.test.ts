import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { chooseMethod, endAccount, ending, PLACES, secretPart } from '../steps.ts';

const CONVERSATIONS = [
  ['a channel with the app', 'ml-platform', 'ben'],
  ['a channel without the app', 'random', 'ben'],
  ['a private channel without the app', 'ml-secrets', 'ben'],
  ['a direct message between two people', 'ben', 'ben'],
] as const;

describe.each(PLACES)('Every kind of conversation over %s with the %s backend', (transport, backend) => {
  let workspace: RunningWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace({ transport, backend });
  });
  afterAll(() => workspace.stop());

  test.each(CONVERSATIONS)(
    'gets the key through the response URL: %s (%s)',
    async (_kind, conversation, other) => {
      const ada = workspace.slack.as('Ada');
      const before = workspace.slack.traffic.length;
      const name = `eval-of-${conversation.toLowerCase()}`;

      const message = await createAccount(ada, conversation, name);
      await ada.waitUntilClosed();

      const key = keyIn(message) ?? '';
      const [stored] = workspace.rows<{ key_id: string }>(
        'select k.key_id from api_keys k join service_accounts a on a.id = k.account_id where a.name = ?',
        name,
      );
      expect(visibleText(message)).toContain(`*Key ID*\n\`${stored?.key_id}\``);
      expect(message.ephemeral).toBe(true);
      const { id } = ada.conversation(conversation);
      expect(message.conversation).toBe(id);
      expect(workspace.slack.as(other).messages(id)).toEqual([]);
      // The key was sent once, to the response URL.
      const carriers = workspace.slack.traffic.slice(before).filter(({ body }) => body.includes(key));
      expect(carriers.map(({ method, direction }) => ({ method, direction }))).toEqual([
        { method: 'response_url', direction: 'to_slack' },
      ]);
      expect(workspace.rows('select route, state from deliveries where key_id = ?', stored?.key_id)).toEqual([
        { route: 'response_url', state: 'delivered' },
      ]);
      expect(workspace.logs()).not.toContain(secretPart(key));
    },
  );

  test.each(CONVERSATIONS)('gets the responses of list and revoke: %s (%s)', async (_kind, conversation) => {
    const ada = workspace.slack.as('Ada');
    const name = `eval-of-${conversation.toLowerCase()}`;

    const list = await ask(ada, conversation, '/wandb sa list');
    expect(list.ephemeral).toBe(true);
    expect(visibleText(list)).toContain(`\`${name}\``);
    const outcome = await endAccount(ada, conversation, `/wandb sa revoke ${name}`);

    expect(outcome).toContain(ending(backend).ended(name));
    expect(
      workspace.rows(
        'select count(*) as dead from api_keys k join service_accounts a on a.id = k.account_id where a.name = ? and k.revoked_at_ms is not null',
        name,
      ),
    ).toEqual([{ dead: 1 }]);
  });

  test('gets no command from the direct message with the app, which the manifest makes read-only', async () => {
    const ada = workspace.slack.as('Ada');
    const before = workspace.slack.traffic.length;

    expect(await ada.command('Keysmith', '/wandb sa new eval-of-keysmith')).toEqual({
      ok: false,
      error: 'not_allowed',
      message: 'Sending messages to this app has been turned off.',
    });
    const commands = workspace.slack.traffic.slice(before).filter(({ method }) => method === 'slash_command');
    expect(commands).toEqual([]);
    expect(ada.view()).toBeUndefined();
  });
});

describe.each(PLACES)('The main journey over %s with the %s backend', (transport, backend) => {
  let workspace: RunningWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace({ transport, backend });
  });
  afterAll(() => workspace.stop());

  test('records every step and its actor, from the command to the revoked key', async () => {
    const ada = workspace.slack.as('Ada');
    await openForm(ada, 'ml-platform', '/wandb sa new nightly-eval --team ml-platform');
    await chooseMethod(ada, 'federated');
    await chooseMethod(ada, 'api_key');
    await ada.fill('name', 'test');
    expect(await ada.submit()).toMatchObject({ error: 'errors', errors: { name: expect.any(String) } });
    await ada.fill('name', 'nightly-eval');
    expect(await ada.submit()).toEqual({ ok: true });
    const message = await ada.waitForMessage('ml-platform', (one) => !!keyIn(one));
    await ada.click(message, ending(backend).buttonInMessage);
    await ada.waitForMessage('ml-platform', ending(backend).keyEnded);

    const [account] = workspace.rows<{ id: string }>('select id from service_accounts');
    const person = { type: 'person', slackUserId: ada.id, email: 'ada@acme.test' };
    // Operations on a server are recorded before they start.
    const begun = (action: string) => action.endsWith('_started');
    const recorded = (await workspace.audit()).filter(
      ({ subject, action }) => subject === `service_account:${account?.id}` && !begun(action),
    );
    expect(recorded.map(({ action, actor }) => ({ action, actor }))).toEqual([
      { action: 'service_account.created', actor: person },
      { action: 'api_key.delivered', actor: { type: 'system', name: 'delivery' } },
      ...(backend === 'wandb'
        ? [{ action: 'server_account.deleted', actor: { type: 'system', name: 'wandb' } }]
        : []),
      { action: 'service_account.revoked', actor: person },
    ]);
    expect(workspace.rows('select * from api_keys where revoked_at_ms is null')).toEqual([]);
  });

  test('refuses a member who revokes an account, with an explanation, and records it', async () => {
    const message = await ask(workspace.slack.as('Ben'), 'random', '/wandb sa revoke nightly-eval');

    expect(visibleText(message)).toContain('Only admins of `ml-platform` can do this');
    expect((await workspace.audit()).at(-1)).toMatchObject({
      action: 'service_account.revoke_refused',
      details: { reason: 'not_admin' },
    });
  });
});
