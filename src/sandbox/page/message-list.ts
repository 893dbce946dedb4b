import type { Conversation, ShownMessage } from '../page-protocol.ts';
import type { Directory } from './directory.ts';
import { make } from './dom.ts';
import { type Keyed, keepChildren } from './keyed-children.ts';
import { drawMessage, type MessageActions, timeOf } from './message-view.ts';
import { relativeDay } from './slack-date.ts';

/** Within this time, the same author's next message is drawn without the name. */
const SAME_BREATH_MS = 5 * 60_000;
const NEAR_BOTTOM_PX = 80;

/** The messages of one conversation, a live region: what is added is read out. */
export interface MessageList {
  element: HTMLElement;
  show(messages: ShownMessage[]): void;
}

export function createMessageList(
  conversation: Conversation,
  directory: Directory,
  actions: MessageActions,
  drawBeginning: () => HTMLElement,
): MessageList {
  const log = make('div', {
    class: 'messages',
    role: 'log',
    'aria-label': `Messages in ${conversation.name}`,
    tabindex: '0',
  });
  let isFirst = true;
  return {
    element: log,
    show: (messages) => {
      const wasAtBottom = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_BOTTOM_PX;
      const beginning = {
        key: 'beginning',
        signature: String(messages.length === 0),
        draw: drawBeginning,
      };
      keepChildren(log, [beginning, ...layOut(messages, directory, actions)]);
      if (isFirst || wasAtBottom) log.scrollTop = log.scrollHeight;
      isFirst = false;
    },
  };
}

function layOut(messages: ShownMessage[], directory: Directory, actions: MessageActions): Keyed[] {
  const items: Keyed[] = [];
  let previous: ShownMessage | undefined;
  for (const message of messages) {
    const day = timeOf(message).toDateString();
    if (previous === undefined || timeOf(previous).toDateString() !== day) {
      items.push({
        key: `day ${day}`,
        signature: new Date().toDateString(),
        draw: () => drawDay(timeOf(message)),
      });
      previous = undefined;
    }
    const compact = previous !== undefined && continues(previous, message);
    items.push({
      key: message.ts,
      signature: JSON.stringify([message, compact]),
      draw: () => drawMessage(message, compact, directory, actions),
    });
    previous = message;
  }
  return items;
}

function continues(previous: ShownMessage, message: ShownMessage): boolean {
  if (previous.user !== message.user || previous.ephemeral || message.ephemeral) return false;
  return timeOf(message).getTime() - timeOf(previous).getTime() < SAME_BREATH_MS;
}

function drawDay(day: Date): HTMLElement {
  const relative = relativeDay(day, new Date());
  const name = new Intl.DateTimeFormat(undefined, {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
  }).format(day);
  const shown = relative === undefined ? name : relative[0]?.toUpperCase() + relative.slice(1);
  return make('div', { class: 'day' }, make('span', {}, shown));
}
