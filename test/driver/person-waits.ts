import type { PageHomeTab, PageMessage, PageModal } from '../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackState } from '../../src/sandbox/slack/workspace/slack-state.ts';
import type { SlackPerson, Wanted } from './slack-person.ts';
import { visibleText } from './visible-text.ts';
import { waitUntil } from './wait.ts';

export type PersonWaits = Pick<
  SlackPerson,
  'waitFor' | 'waitForMessage' | 'waitForView' | 'waitForHome' | 'waitUntilClosed'
>;

export function createPersonWaits(parts: {
  state: SlackState;
  as: string;
  name: string;
  messages: (conversation: string) => PageMessage[];
}): PersonWaits {
  const { state, as, name, messages } = parts;
  const subscribe = (listener: () => void) => state.events.subscribe(as, listener);
  const views = () => state.views.visibleTo(as);
  const shownViews = () => views().map(visibleText).join('\n---\n') || 'no view is open';
  return {
    waitFor: (description, find, waiting) =>
      waitUntil({ find, subscribe, description, whatIsThere: shownViews, waiting }),
    waitForMessage: (conversation, wanted, waiting) =>
      waitUntil({
        find: () => messages(conversation).findLast((message) => fits(message, wanted)),
        subscribe,
        description: `${name} to see a message in ${conversation} (${String(wanted)})`,
        whatIsThere: () => messages(conversation).map(visibleText).join('\n---\n') || 'no message is there',
        waiting,
      }),
    waitForView: (wanted, waiting) =>
      waitUntil({
        find: () => views().filter((view, index, all) => index === all.length - 1 && fits(view, wanted))[0],
        subscribe,
        description: `${name} to see a view (${String(wanted)})`,
        whatIsThere: shownViews,
        waiting,
      }),
    waitForHome: (wanted, waiting) =>
      waitUntil({
        find: () => [state.homes.visibleTo(as) ?? []].flat().find((home) => fits(home, wanted)),
        subscribe,
        description: `${name} to see a Home tab (${String(wanted)})`,
        whatIsThere: () =>
          [state.homes.visibleTo(as) ?? []].flat().map(visibleText)[0] ?? 'nothing is published',
        waiting,
      }),
    async waitUntilClosed(waiting) {
      const find = () => (views().length === 0 ? true : undefined);
      const description = `the dialog before ${name} to close`;
      await waitUntil({ find, subscribe, description, whatIsThere: shownViews, waiting });
    },
  };
}

function fits<T extends PageMessage | PageModal | PageHomeTab>(shown: T, wanted: Wanted<T>): boolean {
  if (typeof wanted === 'function') return wanted(shown);
  const text = visibleText(shown);
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
}
