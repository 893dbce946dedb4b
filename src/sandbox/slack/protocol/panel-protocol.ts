import type { DemoRun } from './demo-runs.ts';
import type { Failure, PlannedFailure } from './failures.ts';

/**
 * The protocol between the developers' panel and the sandbox's server: JSON under `/sandbox/panel/`. The panel acts as
 * no particular person and sees the whole workspace.
 *
 * - `GET  /sandbox/panel/traffic`    → {@link Exchange}[], oldest first
 * - `GET  /sandbox/panel/controls`   → {@link Controls}
 * - `GET  /sandbox/panel/events`     → server-sent events, each `data:` one {@link PanelEvent}. The first is `controls`:
 *   a client that fetches the traffic after it misses nothing.
 * - `POST /sandbox/panel/failure`    {@link SetFailureRequest}    → {@link Controls}
 * - `POST /sandbox/panel/membership` {@link SetMembershipRequest} → {@link Controls}
 * - `POST /sandbox/panel/installation` {@link SetInstallationRequest} → {@link Controls}
 * - `POST /sandbox/panel/person`     {@link SetPersonRequest}     → {@link Controls}
 * - `POST /sandbox/panel/expire`     {@link ExpireRequest}        → {@link Controls}
 * - `POST /sandbox/panel/sockets`    {@link DisconnectRequest}    → {@link Controls}
 * - `POST /sandbox/panel/demo-run`   {@link StartDemoRunRequest}  → {@link Controls}; 409 while another demo run is running
 * - `POST /sandbox/panel/clear`      `{}`                         → {@link Controls}; deletes the recorded traffic
 *
 * An invalid or forbidden request gets a 4xx with `{ ok: false, error, message }`, and an unknown method, channel or person a 404.
 */

/**
 * One request between Slack and the app, and its response. Secrets are masked (`xoxb-•••`). A payload or response of more
 * than 100,000 characters is truncated, which its last characters say; such a payload is JSON text.
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
  /** Absent until the request ends. */
  durationMs?: number;
  headers: Record<string, string>;
  /** The parsed body: arguments, fields or payload; the raw text if it can't be parsed. */
  payload: unknown;
  response?: { status: number; body: string };
  /** The error code of the Web API (`expired_trigger_id`), why there is no response, or the kind of the planned failure. */
  problem?: string;
}

export interface Controls {
  /** What can be made to fail: `response_url` and the supported Web API methods, sorted, then calls of another server. */
  methods: string[];
  failures: PlannedFailure[];
  channels: { id: string; name: string; kind: 'public' | 'private'; hasApp: boolean }[];
  /** Everyone but bots. */
  people: { id: string; name: string; isActive: boolean }[];
  /** Whether the app is installed in the workspace. */
  isInstalled: boolean;
  /** The number of triggers that are still valid. */
  triggers: number;
  /** The number of response URLs that are still valid. */
  responseUrls: number;
  /** Whether the next trigger will be issued already expired. */
  nextTriggerExpires: boolean;
  /** Open Socket Mode connections. */
  sockets: number;
  /** Absent if the sandbox has no server for it. */
  demoRun?: DemoRun;
}

export type PanelEvent =
  /** A request began, or a known one ended. */
  { type: 'exchange'; exchange: Exchange } | { type: 'cleared' } | { type: 'controls'; controls: Controls };

export interface SetFailureRequest {
  method: string;
  /** `null` clears the failure. */
  failure: Failure | null;
  times?: number;
}

export interface SetMembershipRequest {
  conversation: string;
  isMember: boolean;
}

export interface SetInstallationRequest {
  isInstalled: boolean;
}

export interface SetPersonRequest {
  person: string;
  isActive: boolean;
}

export interface ExpireRequest {
  /**
   * `triggers` and `response_urls` expire those issued so far. `next_trigger` issues the next trigger already expired,
   * because a quick app uses it before anyone could expire it.
   */
  what: 'triggers' | 'response_urls' | 'next_trigger';
}

export interface DisconnectRequest {
  reason: 'warning' | 'refresh_requested' | 'link_disabled';
}

export interface StartDemoRunRequest {
  /** The API key of a service account. It is neither stored nor sent back. */
  key: string;
}
