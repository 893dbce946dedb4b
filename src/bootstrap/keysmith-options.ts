import type { Logger } from 'pino';
import type { TeamKey } from '../application/gateway/team-keys.ts';
import type { UpstreamCredentials } from '../application/gateway/upstream-credential.ts';
import type { Clock } from '../application/ports/clock.ts';
import type { AuthorityConfig, GatewayConfig } from '../config/configuration.ts';
import type { Secret } from '../domain/keys/secret.ts';
import type { ListenerTiming } from '../slack/listeners/listener-context.ts';
import type { SlackOptions } from './connect-slack.ts';
import type { BackendOptions, StartBackendOptions } from './start-backend.ts';

export interface KeysmithOptions {
  /** The sandbox connects only to loopback addresses. */
  mode: 'sandbox' | 'live';
  http: { host: string; port: number };
  /** An absolute path, or `:memory:`. */
  databaseFile: string;
  secret: Secret<Uint8Array>;
  backend: BackendOptions;
  /** The URL workloads use; undefined for the one the HTTP server listens on. A W&B server has its own. */
  publicUrl: string | undefined;
  organization: StartBackendOptions['organization'];
  /** Undefined if Keysmith doesn't check the credentials it issued. Ignored with a W&B server, which checks its own. */
  authority?: AuthorityConfig | undefined;
  /** The W&B server that workloads are forwarded to. Needs the built-in backend and the authority. */
  gateway?: GatewayConfig | undefined;
  /** What the gateway sends to the W&B server. */
  upstreamCredentials?: UpstreamCredentials | undefined;
  /** W&B API keys for the gateway, stored at the start in place of the teams' earlier ones: in the sandbox. */
  teamKeys?: readonly (TeamKey & { teamName: string })[];
  /** Whether the head of the audit chain is logged every hour, and the channel that gets it every day. */
  auditHeads?: { channel: string | undefined };
  trustedProxies?: readonly string[];
  keepAliveSeconds?: number | undefined;
  slack: SlackOptions;
  noProxy: string | undefined;
  logger: Logger;
  now?: Clock['now'];
  monotonicMs?: Clock['monotonicMs'];
  randomBytes?: (size: number) => Uint8Array;
  timing?: Partial<ListenerTiming>;
  /** How long Slack may take to accept a message with a key. */
  deliveryTimeoutMs?: number;
  /** How long Slack may take to respond to a look-up or a notification. */
  slackCallTimeoutMs?: number;
  /** How long a write waits for a lock that another process holds on the database, without blocking the process. */
  databaseBusyTimeoutMs?: number;
  /** Whether a file beside the database keeps space for revocations on a full disk. True by default. */
  keepsDiskReserve?: boolean;
  settleEveryMs?: number;
  /** How long repetitions of a refusal are counted before their number is recorded. */
  refusalWindowMs?: number;
  /** Called once workloads are served, which may be long before Slack is reachable and the start completes. */
  onListening?: (listening: { stop(): Promise<void> }) => void;
  /** Adds the metrics of the Node process. At most one Keysmith in a process can collect them. */
  collectProcessMetrics?: boolean;
  /** Called when Keysmith can't go on after the start: Slack rejected its app-level token. */
  onFatal?: (error: Error) => void;
  /** Returns how many log lines were dropped, for the metrics. */
  droppedLogLines?: () => number;
}
