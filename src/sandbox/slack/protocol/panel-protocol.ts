import type { Failure, PlannedFailure } from './failures.ts';

export type { PlannedFailure };

/**
 * What the developers' panel and the sandbox's server say to each other: JSON under `/sandbox/panel/`. The panel belongs
 * to nobody in particular: it looks at the whole workspace from outside.
 *
 * - `GET  /sandbox/panel/traffic`    → {@link Exchange}[], oldest first
 * - `GET  /sandbox/panel/controls`   → {@link Controls}
 * - `GET  /sandbox/panel/events`     → server-sent events, each `data:` one {@link PanelEvent}; the first one is `controls`,
 *   so that nothing is missed by who reads the traffic once the stream is open
 * - `POST /sandbox/panel/failure`    {@link SetFailureRequest}     → {@link Controls}
 * - `POST /sandbox/panel/membership` {@link SetMembershipRequest}  → {@link Controls}
 * - `POST /sandbox/panel/expire`     {@link ExpireRequest}          → {@link Controls}
 * - `POST /sandbox/panel/sockets`    {@link DisconnectRequest} → {@link Controls}
 * - `POST /sandbox/panel/clear`      `{}`                        → {@link Controls}: the traffic so far is forgotten
 *
 * A malformed or forbidden request gets a 4xx with `{ ok: false, error, message }`; what can't be made to fail and
 * conversations that there are not, or whose membership can't change, a 404.
 */

/**
 * One request and its answer, between Slack and the app. Secrets are masked in every part (`xoxb-•••`). A payload or an
 * answer of more than 100,000 characters is cut and says so at its end; such a payload is its JSON as text.
 */
export interface Exchange {
  id: number;
  direction: 'to_slack' | 'to_app';
  transport: 'http' | 'socket';
  /** A Web API method, `response_url`, `slash_command`, an event's or an interaction's `type`. */
  method: string;
  url: string;
  /** Milliseconds since the epoch. */
  startedAtMs: number;
  /** Absent while the answer is awaited. */
  durationMs?: number;
  headers: Record<string, string>;
  /** What was sent, understood: arguments, fields or payload; the text itself where it can't be understood. */
  payload: unknown;
  answer?: { status: number; body: string };
  /** `ok: false` errors of the Web API (`expired_trigger_id`), why there is no answer, or what was made to fail. */
  problem?: string;
}

export interface Controls {
  /** What can be made to fail: `response_url` and the Web API methods that are answered, sorted. */
  methods: string[];
  failures: PlannedFailure[];
  channels: { id: string; name: string; kind: 'public' | 'private'; hasApp: boolean }[];
  /** How many could still be used. */
  triggers: number;
  responseUrls: number;
  /** Whether {@link ExpireRequest} `next_trigger` still waits for its trigger. */
  nextTriggerExpires: boolean;
  /** Open Socket Mode connections. */
  sockets: number;
}

export type PanelEvent =
  /** A new one, or one that is known and has changed: its answer came. */
  { type: 'exchange'; exchange: Exchange } | { type: 'cleared' } | { type: 'controls'; controls: Controls };

export interface SetFailureRequest {
  method: string;
  /** `null`: it works again. */
  failure: Failure | null;
  times?: number;
}

export interface SetMembershipRequest {
  conversation: string;
  isMember: boolean;
}

export interface ExpireRequest {
  /**
   * `triggers`, `response_urls`: those issued so far. `next_trigger`: an app that answers at once uses a trigger within its
   * 3 s, so the next one that is issued is expired from the start.
   */
  what: 'triggers' | 'response_urls' | 'next_trigger';
}

export interface DisconnectRequest {
  reason: 'warning' | 'refresh_requested' | 'link_disabled';
}
