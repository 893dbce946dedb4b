import type { Secret } from '../domain/keys/secret.ts';
import type { logLevels } from './setting-schemas.ts';
import type { TeamsFile } from './teams-file/teams-file.ts';

type LogLevel = (typeof logLevels)[number];

export type Config = SandboxConfig | LiveConfig;

export interface ListenAddress {
  host: string;
  /** 0: any free one. */
  port: number;
}

interface CommonConfig {
  /** Where HTTP listens; in the sandbox, the local Slack in the browser. */
  http: ListenAddress;
  /** An absolute path, or `:memory:`. */
  databaseFile: string;
  logLevel: LogLevel;
  organizationName: string;
  /** Those of the settings and of the teams file, each once, lower case. */
  organizationAdmins: string[];
  /** Undefined where it is switched off, and with a W&B server. */
  authority: AuthorityConfig | undefined;
  /** Addresses and ranges of proxies whose `X-Forwarded-For` counts. */
  trustedProxies: string[];
}

/** How Keysmith answers for the credentials that it handed out. */
export interface AuthorityConfig {
  /** Who may introspect. */
  introspectionClients: { id: string; secret: Secret }[];
  /** JWT issuers may be asked over http and at private addresses. */
  allowsInsecureIssuers: boolean;
  /** What a JWT's `aud` may be beside the organization's name. */
  audiences: string[];
  accessTokenSeconds: number;
  /** Failed requests of one address before it gets 429. */
  failuresPerMinute: number;
}

/** Keysmith itself is the authority; `teams` says who is who. */
export interface BuiltinBackendConfig {
  kind: 'builtin';
  teams: TeamsFile;
}

/** A W&B server is: teams and roles come from there. */
export interface WandbBackendConfig {
  kind: 'wandb';
  /** Without a slash at the end. */
  baseUrl: string;
  apiKey: Secret;
  /** As `baseUrl`: the address that the server had before it moved. */
  movedFrom: string | undefined;
}

export interface SandboxConfig extends CommonConfig {
  kind: 'sandbox';
  /** Undefined: where Keysmith itself listens. */
  publicUrl: string | undefined;
  /** `local_wandb`: a stand-in server beside the local Slack, which listens at `address`. */
  backend: BuiltinBackendConfig | { kind: 'local_wandb'; address: ListenAddress };
  /** Where Keysmith itself listens: the port beside that of the local Slack. */
  app: ListenAddress;
  secretFile: string;
  /** Undefined before the first start: `createSandboxSecret(secretFile)` makes it. */
  secret: Secret<Uint8Array> | undefined;
}

export interface LiveConfig extends CommonConfig {
  kind: 'live';
  secret: Secret<Uint8Array>;
  backend: BuiltinBackendConfig | WandbBackendConfig;
  /** Without a slash at the end. Undefined only with a W&B server: workloads talk to that one. */
  publicUrl: string | undefined;
  /** Of the environment: hosts that are called directly, although `HTTPS_PROXY` is set. */
  noProxy: string | undefined;
  slack: SlackConfig;
}

export type SlackConfig = {
  botToken: Secret;
  /** With a slash at the end. */
  apiUrl: string;
} & ({ transport: 'http'; signingSecret: Secret } | { transport: 'socket'; appToken: Secret });

/** One thing to mend. `message` never holds the value of a setting, nor one from a file that a setting names. */
export interface ConfigProblem {
  /** The setting, or `.env`. */
  name: string;
  message: string;
}

export type ConfigResult = { ok: true; config: Config } | { ok: false; problems: ConfigProblem[] };
