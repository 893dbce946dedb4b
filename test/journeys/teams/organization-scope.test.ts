import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { send } from '../../send-request.ts';
import { ask } from '../../slack/ask.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { endAccount } from '../steps.ts';

const DAY_MS = 24 * 60 * 60_000;

describe('An account for all teams', () => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  let cy: SlackPerson;
  let key: string;
  beforeAll(async () => {
    workspace = await startWorkspace();
    ada = workspace.slack.as('Ada');
    cy = workspace.slack.as('Cy');
  });
  afterAll(() => workspace.stop());

  const scopes = () =>
    workspace.rows<{ name: string; scope: string }>('select name, scope from service_accounts order by name');
  const isShown = (person: SlackPerson) =>
    person.view()?.blocks.some(({ block_id }) => block_id === 'scope') === true;

  const pressForgedRevoke = async (accountId: string) => {
    const message = ada.messages('random').at(-1);
    const command = workspace.slack.traffic.findLast(({ method }) => method === 'slash_command');
    const { response_url } = (command?.payload ?? {}) as { response_url?: string };
    const container = {
      type: 'message',
      message_ts: message?.ts,
      channel_id: 'C0RANDOM01',
      is_ephemeral: true,
    };
    const actions = [{ type: 'button', action_id: 'revoke_account', block_id: 'b', value: accountId }];
    const payload = {
      type: 'block_actions',
      container,
      channel: { id: 'C0RANDOM01' },
      response_url,
      actions,
    };
    await workspace.slack.deliver({ payload }, { as: ada.id });
  };

  test('is created by an organization admin, who chooses its default team', async () => {
    await openForm(cy, 'random', '/wandb sa new mirror --team ml-platform');
    expect(isShown(cy)).toBe(true);
    await cy.fill('scope', 'organization');
    await cy.submit();
    key = keyIn(await cy.waitForMessage('random', (message) => keyIn(message) !== undefined)) ?? '';
    expect(scopes()).toEqual([{ name: 'mirror', scope: 'organization' }]);
  });

  test('reaches every team, where an account of one team reaches its own', async () => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const identity = await send(`${workspace.keysmith.url}/forward-auth`, { method: 'GET', headers });
    expect(identity.headers).toMatchObject({
      'x-keysmith-scope': 'organization',
      'x-keysmith-team': 'ml-platform',
    });
    const authorize = async (bearer: string) => {
      const response = await send(`${workspace.keysmith.url}/v1/runs/authorize`, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${bearer}` },
        body: JSON.stringify({ entity: 'research', project: 'papers' }),
      });
      return JSON.parse(response.body).allowed;
    };
    expect(await authorize(key)).toBe(true);
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    await ada.submit();
    const own = keyIn(await ada.waitForMessage('random', (message) => keyIn(message) !== undefined)) ?? '';
    expect(await authorize(own)).toBe(false);
  });

  test('gives no new key to a contact who isn’t an organization admin, so the notices go to those who are', async () => {
    await openForm(cy, 'random', '/wandb sa new wide-mirror --team ml-platform');
    await cy.fill('scope', 'organization');
    await cy.fill('contact', ada.id);
    await cy.submit();
    await cy.waitForMessage('random', (message) => visibleText(message).includes('wide-mirror'));
    expect(visibleText(await ask(ada, 'random', '/wandb sa rotate wide-mirror'))).toContain(
      'Only organization admins can do this.',
    );
    expect(ada.view()).toBeUndefined();
    const menu = JSON.stringify(await ask(ada, 'random', '/wandb sa show wide-mirror'));
    expect([menu.includes('revoke sa_'), menu.includes('rotate sa_')]).toEqual([true, false]);

    workspace.clock.advance(77 * DAY_MS);
    await workspace.keysmith.settle();
    await workspace.keysmith.settle();
    const named = (person: SlackPerson, notice: RegExp) =>
      person.messages('Keysmith').flatMap((message) => notice.exec(visibleText(message))?.[1] ?? []);
    const expires = /of `(\S+)` in `ml-platform` expires/;
    const isUnused = /of `(\S+)`: created on .* and never used/;
    expect([named(cy, expires).toSorted(), named(ada, expires)]).toEqual([
      ['mirror', 'wide-mirror'],
      ['nightly-eval'],
    ]);
    expect([named(cy, isUnused), named(ada, isUnused)]).toEqual([['wide-mirror'], []]);
    await endAccount(cy, 'random', '/wandb sa revoke wide-mirror');
  });

  test('isn’t offered to the admins of a team, whose forged choice is refused and recorded', async () => {
    await openForm(ada, 'random', '/wandb sa new wide-eval');
    expect(isShown(ada)).toBe(false);
    const selected_option = { text: { type: 'plain_text', text: 'All' }, value: 'organization' };
    const state = { scope: { scope: { type: 'static_select', selected_option } } } as never;
    await ada.submit({ unchecked: true, state });
    await ada.close();
    expect(scopes().map(({ name }) => name)).not.toContain('wide-eval');
    const refused = (await workspace.audit()).filter(
      ({ action }) => action === 'service_account.create_refused',
    );
    expect(refused.map(({ details }) => details)).toContainEqual(
      expect.objectContaining({ reason: 'not_offered', fields: ['scope'] }),
    );
  });

  test('is seen by the admins of its team without actions, and revoked by organization admins only', async () => {
    const list = await ask(ada, 'random', '/wandb sa list');
    expect(visibleText(list)).toContain('mirror');
    const { id } =
      workspace.rows<{ id: string }>("select id from service_accounts where name = 'mirror'")[0] ?? {};
    expect(JSON.stringify(list.blocks)).not.toContain(`revoke:${id}`);
    expect(visibleText(await ask(ada, 'random', '/wandb sa show mirror'))).toContain(
      `Only organization admins can change it: <@${cy.id}>.`,
    );
    const asked = visibleText(await ask(ada, 'random', '/wandb sa revoke mirror'));
    expect(asked).toContain('Only organization admins can do this. Ask <@');
    const before = ada.messages('random').length;
    await pressForgedRevoke(String(id));
    await ada.waitFor('the response to the button', () => ada.messages('random')[before]);
    expect(visibleText(ada.messages('random')[before] as never)).toContain(
      'Only organization admins can do this.',
    );
    expect(workspace.rows("select state from service_accounts where name = 'mirror'")).toEqual([
      { state: 'active' },
    ]);
    expect(await endAccount(cy, 'random', '/wandb sa revoke mirror')).toContain('Revoked `mirror`');
  });
});

test('on a W&B server, the form says where an account for all teams is created', async () => {
  const workspace = await startWorkspace({ backend: 'wandb' });
  const cy = workspace.slack.as('Cy');
  await openForm(cy, 'random', '/wandb sa new mirror --team ml-platform');
  expect(JSON.stringify(cy.view())).toContain('Create an account for all teams in W&amp;B.');
  await workspace.stop();
});
