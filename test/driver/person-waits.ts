import type { PageHomeTab, PageMessage, PageModal } from '../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackState } from '../../src/sandbox/slack/workspace/slack-state.ts';
import type { Matcher, SlackPerson, Waiting } from './slack-person.ts';
import { visibleText } from './visible-text.ts';

type PersonWaits = Pick<
  SlackPerson,
  'waitFor' | 'waitForMessage' | 'waitForReply' | 'waitForView' | 'waitForHome' | 'waitUntilClosed'
>;

export function createPersonWaits(parts: {
  state: SlackState;
  as: string;
  name: string;
  messages: (conversation: string) => PageMessage[];
  thread: (message: PageMessage) => PageMessage[];
}): PersonWaits {
  const { state, as, name, messages, thread } = parts;
  const subscribe = (listener: () => void) => state.events.subscribe(as, listener);
  const views = () => state.views.visibleTo(as);
  const home = () => state.homes.visibleTo(as);
  const describeViews = () => views().map(visibleText).join('\n---\n') || 'no view is open';
  return {
    waitFor: (description, find, waiting) =>
      waitUntil({ find, subscribe, description, describeActual: describeViews, waiting }),
    waitForMessage: (conversation, matcher, waiting) =>
      waitUntil({
        find: () => messages(conversation).findLast((message) => matches(message, matcher)),
        subscribe,
        description: `${name} to see a message in ${conversation} (${String(matcher)})`,
        describeActual: () => messages(conversation).map(visibleText).join('\n---\n') || 'no messages',
        waiting,
      }),
    waitForReply: (message, matcher, waiting) =>
      waitUntil({
        find: () => thread(message).findLast((reply) => matches(reply, matcher)),
        subscribe,
        description: `${name} to see a reply (${String(matcher)})`,
        describeActual: () => thread(message).map(visibleText).join('\n---\n') || 'no replies',
        waiting,
      }),
    waitForView: (matcher, waiting) =>
      waitUntil({
        find: () =>
          views()
            .slice(-1)
            .find((view) => matches(view, matcher)),
        subscribe,
        description: `${name} to see a view (${String(matcher)})`,
        describeActual: describeViews,
        waiting,
      }),
    waitForHome: (matcher, waiting) =>
      waitUntil({
        find: () => [home() ?? []].flat().find((tab) => matches(tab, matcher)),
        subscribe,
        description: `${name} to see a Home tab (${String(matcher)})`,
        describeActual: () => [home() ?? []].flat().map(visibleText)[0] ?? 'no Home tab is published',
        waiting,
      }),
    async waitUntilClosed(waiting) {
      const find = () => (views().length === 0 ? true : undefined);
      const description = `${name}'s modals to close`;
      await waitUntil({ find, subscribe, description, describeActual: describeViews, waiting });
    },
  };
}

function matches<T extends PageMessage | PageModal | PageHomeTab>(shown: T, matcher: Matcher<T>): boolean {
  if (typeof matcher === 'function') return matcher(shown);
  const text = visibleText(shown);
  return typeof matcher === 'string' ? text.includes(matcher) : matcher.test(text);
}

/**
 * Resolves as soon as `find` returns something, now or after a change that `subscribe` reports. Rejects after the
 * timeout with what was expected and what the person sees instead.
 */
function waitUntil<T>(parts: {
  find: () => T | undefined;
  subscribe: (listener: () => void) => () => void;
  description: string;
  describeActual: () => string;
  waiting: Waiting | undefined;
}): Promise<T> {
  const { find, subscribe, description, describeActual, waiting } = parts;
  const found = find();
  if (found !== undefined) return Promise.resolve(found);
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const end = () => {
    clearTimeout(timer);
    unsubscribe();
  };
  const unsubscribe = subscribe(() => {
    try {
      const value = find();
      if (value === undefined) return;
      end();
      resolve(value);
    } catch (error) {
      end();
      reject(error);
    }
  });
  const timeoutMs = waiting?.timeoutMs ?? 20_000;
  const timer = setTimeout(() => {
    end();
    reject(new Error(`Waited ${timeoutMs} ms for ${description}. Instead:\n${describeActual()}`));
  }, timeoutMs);
  return promise;
}
