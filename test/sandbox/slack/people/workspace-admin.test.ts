import { describe, expect, it } from 'vitest';
import { conversations, people, refusal, startSlackWithApp } from '../slack-with-app.ts';

const appWithEvents = {
  homeTabEnabled: true,
  eventSubscriptions: ['app_home_opened', 'app_uninstalled'],
  shortcuts: [{ type: 'global' as const, callbackId: 'everywhere', name: 'Everywhere', description: '' }],
};

describe('the admins of the local Slack', () => {
  it('uninstall the app, whose token and commands stop working after one event', async () => {
    const { slack, receiver, client } = await startSlackWithApp({ app: appWithEvents });
    const button = { type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } };
    const blocks = [{ type: 'actions', elements: [button] }];
    await client.chat.postMessage({ channel: conversations.withApp, text: 'Look', blocks });
    const ada = slack.as('ada');
    const message = await ada.waitForMessage('ml-platform', 'Go');
    slack.uninstallApp();
    slack.uninstallApp();
    await expect
      .poll(() => receiver.requests.map(({ rawBody }) => JSON.parse(rawBody || '{}')))
      .toMatchObject([{ type: 'event_callback', event: { type: 'app_uninstalled' } }]);
    expect(await refusal(client.auth.test())).toMatchObject({ error: 'account_inactive' });
    expect(await ada.command('random', '/wandb')).toMatchObject({ ok: false, error: 'invalid_command' });
    expect(await ada.shortcut('everywhere')).toMatchObject({ ok: false, error: 'not_found' });
    expect(await ada.openHome()).toMatchObject({ ok: false, error: 'not_found' });
    expect((await ada.click(message, 'go')).outcome).toMatchObject({ ok: false, error: 'dispatch_failed' });
    expect(receiver.requests).toHaveLength(1);
  });

  it('install the app again, with the same token', async () => {
    const { slack, client } = await startSlackWithApp({ app: appWithEvents });
    slack.uninstallApp();
    slack.installApp();
    expect(await client.auth.test()).toMatchObject({ ok: true });
    expect(await slack.as('ada').command('random', '/wandb')).toEqual({ ok: true });
  });

  it('deactivate and reactivate a person in the developers’ panel', async () => {
    const { slack, client } = await startSlackWithApp();
    const post = (path: string, body: object) =>
      fetch(`${slack.url}/sandbox/panel/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const switchBen = (isActive: boolean) => post('person', { person: people.ben, isActive });
    const controls = await (await switchBen(false)).json();
    expect(controls).toMatchObject({
      people: expect.arrayContaining([{ id: people.ben, name: 'Ben Okafor', isActive: false }]),
    });
    const { user } = await client.users.info({ user: people.ben });
    expect(user).toMatchObject({ deleted: true });
    const page = await (await fetch(`${slack.url}/sandbox/state`)).json();
    expect(page).toMatchObject({ former: [{ id: people.ben, realName: 'Ben Okafor' }] });
    expect((await fetch(`${slack.url}/sandbox/state?as=${people.ben}`)).status).toBe(404);
    await switchBen(true);
    expect((await client.users.info({ user: people.ben })).user).toMatchObject({ deleted: false });
    expect((await post('person', { person: 'U0NOBODY01', isActive: false })).status).toBe(404);
    expect(await (await post('installation', { isInstalled: false })).json()).toMatchObject({
      isInstalled: false,
    });
  });
});
