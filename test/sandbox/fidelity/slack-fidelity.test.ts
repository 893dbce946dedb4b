import { describe, expect, it } from 'vitest';
import { blockSchemas, elementSchemas } from '../../../src/sandbox/slack/block-kit/blocks.ts';
import { richTextInline, richTextParts } from '../../../src/sandbox/slack/block-kit/rich-text.ts';
import { webApiMethods } from '../../../src/sandbox/slack/web-api/call.ts';
import {
  conversations,
  modal,
  nameInput,
  openView,
  refusal,
  startSlackWithApp,
} from '../slack/slack-with-app.ts';
import {
  blockFidelity,
  elementFidelity,
  type Fidelity,
  methodFidelity,
  requestFidelity,
  richTextFidelity,
} from './slack-fidelity.ts';

const namesIn = (table: Record<string, Fidelity>, isStarted: boolean) =>
  Object.entries(table)
    .filter(([, { level }]) => (level !== 'not_started') === isStarted)
    .map(([name]) => name)
    .sort();

describe('the fidelity table of the local Slack', () => {
  it.each<[string, Record<string, Fidelity>, Record<string, unknown>]>([
    ['Web API methods', methodFidelity, webApiMethods],
    ['blocks', blockFidelity, blockSchemas],
    ['block elements', elementFidelity, elementSchemas],
    ['rich text parts', richTextFidelity, { ...richTextInline, ...richTextParts }],
  ])('lists exactly the implemented %s as supported or partial', (_what, table, real) => {
    expect(namesIn(table, true)).toEqual(Object.keys(real).sort());
  });

  it('responses unknown_method for the methods listed as not started', async () => {
    const { client } = await startSlackWithApp();
    for (const method of namesIn(methodFidelity, false)) {
      expect(await refusal(client.apiCall(method))).toMatchObject({ error: 'unknown_method' });
    }
  });

  const button = { type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } };

  /** Makes a person do everything that sends the app a request. */
  async function useEverything(slackWithApp: Awaited<ReturnType<typeof startSlackWithApp>>) {
    const { slack, receiver, client } = slackWithApp;
    const ada = slack.as('ada');
    const menu = { type: 'external_select', action_id: 'menu', min_query_length: 0 };
    const blocks = [nameInput(menu, { optional: true }), { type: 'actions', elements: [button] }];
    const form = modal({ blocks, notify_on_close: true });
    await openView(slackWithApp, form);
    await ada.options('name', '');
    await ada.clickInView('go');
    await ada.submit();
    await openView(slackWithApp, form);
    await ada.close();
    await ada.command('random', '/wandb');
    const response_url = receiver.requests.at(-1)?.fields.response_url ?? '';
    await fetch(response_url, { method: 'POST', body: '{"text":"x"}' });
    await client.chat.postMessage({ channel: conversations.withApp, text: 'Look' });
    await ada.shortcut('everywhere');
    await ada.shortcut('on_message', await ada.waitForMessage('ml-platform', 'Look'));
    await ada.openHome();
    slack.uninstallApp();
  }

  it('sends exactly the requests listed as supported or partial', async () => {
    const slackWithApp = await startSlackWithApp({
      app: {
        homeTabEnabled: true,
        eventSubscriptions: ['app_home_opened', 'app_uninstalled'],
        shortcuts: [
          { type: 'global', callbackId: 'everywhere', name: 'Everywhere', description: '' },
          { type: 'message', callbackId: 'on_message', name: 'On a message', description: '' },
        ],
      },
    });
    await useEverything(slackWithApp);
    const { traffic } = slackWithApp.slack;
    const seen = traffic.map(({ method }) => method).filter((method) => !method.includes('.'));
    // socket-mode.test.ts checks that Socket Mode carries the same requests.
    expect([...new Set([...seen, 'socket_mode'])].sort()).toEqual(namesIn(requestFidelity, true));
  });
});
