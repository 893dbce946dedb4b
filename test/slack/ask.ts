import type { PageMessage, PageModal } from '../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../driver/slack-person.ts';

/** Types a command and returns the message with its result, past any progress message. */
export async function ask(person: SlackPerson, conversation: string, line: string): Promise<PageMessage> {
  const before = person.messages(conversation).length;
  const outcome = await person.command(conversation, line);
  if (!outcome.ok) throw new Error(`${line} was not acknowledged: ${JSON.stringify(outcome)}`);
  return person.waitFor(`a response to ${line.slice(0, 100)}`, () =>
    person
      .messages(conversation)
      .slice(before)
      .find(({ text }) => !text.includes('The result will follow')),
  );
}

/** Returns everything that Slack parses as markup: a message's top-level text and its `mrkdwn` text objects. */
export function markupOf(shown: PageMessage | PageModal): string {
  return [...('text' in shown ? [shown.text] : []), ...shown.blocks.flatMap(markup)].join('\n');
}

function markup(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(markup);
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && value.type === 'mrkdwn') return [String((value as { text?: unknown }).text)];
  return Object.values(value).flatMap(markup);
}
