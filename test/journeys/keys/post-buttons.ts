import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { BOT_TOKEN, type RunningWorkspace } from '../../world/running-workspace.ts';

/** Posts buttons as a direct message from Keysmith, and returns it. What they may do is decided at the click. */
export async function postButtons(
  { slack }: RunningWorkspace,
  person: SlackPerson,
  elements: readonly object[],
): Promise<PageMessage> {
  const text = `Buttons ${crypto.randomUUID()}`;
  const blocks = [
    { type: 'section', text: { type: 'mrkdwn', text } },
    { type: 'actions', elements },
  ];
  const response = await fetch(new URL('chat.postMessage', slack.apiUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${BOT_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ channel: person.id, text, blocks }),
  });
  const { ok, error } = (await response.json()) as { ok: boolean; error?: string };
  if (!ok) throw new Error(error);
  return person.waitForMessage('Keysmith', text);
}
