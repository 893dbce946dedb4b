import { z } from 'zod';

/*
 * Slack's events (docs.slack.dev/apis/events-api), reduced to what Keysmith reads; other keys are ignored.
 */

const id = z.string().min(1).max(255);

/** A person opened a tab of the app. */
const homeOpened = z.object({
  type: z.literal('app_home_opened'),
  user: id,
  tab: z.string().max(50),
});

const appUninstalled = z.object({ type: z.literal('app_uninstalled') });

const event = z.discriminatedUnion('type', [homeOpened, appUninstalled]);
export type EventPayload = z.infer<typeof event>;
export type EventType = EventPayload['type'];

export const eventCallback = z.object({
  type: z.literal('event_callback'),
  team_id: id,
  /** The same for every retry. */
  event_id: id,
  event,
});
export type EventCallback = z.infer<typeof eventCallback>;

/** An event of any type, and Slack's notice that it holds back events because there are too many. */
export const anyEvent = z.union([
  z.object({ type: z.literal('event_callback'), event: z.object({ type: id }) }),
  z.object({ type: z.literal('app_rate_limited') }),
]);

/** Slack's check of a request URL (docs.slack.dev/reference/events/url_verification). */
export const urlVerification = z.object({
  type: z.literal('url_verification'),
  challenge: z.string().regex(/^[\x21-\x7e]{1,255}$/),
});

const KNOWN_TYPES: ReadonlySet<string> = new Set(event.options.map(({ shape }) => shape.type.value));

/** Returns whether Keysmith reads events of this type. An operator can subscribe the app to others. */
export function isKnownEvent(type: string): type is EventType {
  return KNOWN_TYPES.has(type);
}
