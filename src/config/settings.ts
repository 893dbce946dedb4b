/** Every setting that Keysmith reads from the environment. The documentation's table must list the same. */
export const settings = [
  {
    name: 'SLACK_BOT_TOKEN',
    meaning: 'The app’s bot token, xoxb-…',
  },
  {
    name: 'SLACK_SIGNING_SECRET',
    meaning: 'HTTP mode: verifies that requests come from Slack',
  },
  {
    name: 'SLACK_APP_TOKEN',
    meaning: 'Socket Mode: the app-level token, xapp-…',
  },
  {
    name: 'SLACK_API_URL',
    meaning: 'Base URL of the Slack API, default https://slack.com/api/',
  },
  {
    name: 'HOST',
    meaning: 'Address that HTTP listens on, default 0.0.0.0 (sandbox: 127.0.0.1)',
  },
  {
    name: 'PORT',
    meaning: 'Port that HTTP listens on, default 3000',
  },
  {
    name: 'PUBLIC_URL',
    meaning:
      'URL that workloads use for the API; the issuer of access tokens. Optional with a W&B server as the backend',
  },
  {
    name: 'TRUSTED_PROXIES',
    meaning: 'Addresses and ranges whose X-Forwarded-For is trusted, comma-separated',
  },
  {
    name: 'KEYSMITH_KEEP_ALIVE_SECONDS',
    meaning:
      'How long an idle HTTP connection stays open, default 75; set it above the idle timeout of the proxy in front',
  },
  {
    name: 'DATABASE_URL',
    meaning: 'Path of the database, default file:./data/keysmith.db',
  },
  {
    name: 'KEYSMITH_SECRET',
    meaning: '32 bytes in base64, from which every other key is derived',
  },
  {
    name: 'KEYSMITH_SECRET_FILE',
    meaning: 'A file that contains KEYSMITH_SECRET, instead of setting it',
  },
  {
    name: 'KEYSMITH_ORGANIZATION',
    meaning: 'Name of the W&B organization',
  },
  {
    name: 'KEYSMITH_ORGANIZATION_ADMINS',
    meaning: 'Email addresses, comma-separated, in addition to the admins in the teams file',
  },
  {
    name: 'KEYSMITH_TEAMS_FILE',
    meaning:
      'Path of the YAML file with teams, members, roles and policies, applied at start. Optional where KEYSMITH_ORGANIZATION and KEYSMITH_ORGANIZATION_ADMINS are set; with a W&B server as the backend, only for policies',
  },
  {
    name: 'KEYSMITH_BACKEND',
    meaning:
      'Where accounts live: builtin (Keysmith) or wandb (a W&B server). Default: wandb with WANDB_BASE_URL and WANDB_API_KEY but no KEYSMITH_UPSTREAM_URL, otherwise builtin',
  },
  {
    name: 'WANDB_BASE_URL',
    meaning: 'URL of the W&B server to use as the backend. Ignored with the built-in backend',
  },
  {
    name: 'WANDB_API_KEY',
    meaning: 'API key that Keysmith uses for that server. Ignored with the built-in backend',
  },
  {
    name: 'KEYSMITH_WANDB_MOVED_FROM',
    meaning: 'Previous URL of the W&B server, if the same server moved. Set it for one start',
  },
  {
    name: 'KEYSMITH_WANDB_AUDIT_LOG',
    meaning:
      'on or off (default): follows the audit log of the W&B server and reports what others change. Only with a W&B server as the backend',
  },
  {
    name: 'KEYSMITH_UPSTREAM_URL',
    meaning: 'The gateway: URL of the W&B server that workloads are forwarded to. Needs the built-in backend',
  },
  {
    name: 'KEYSMITH_UPSTREAM_AUTH',
    meaning:
      'key (default) or federation: how a team without a stored W&B API key gets a credential for that server',
  },
  {
    name: 'KEYSMITH_UPSTREAM_APP_URL',
    meaning:
      'URL of that server’s pages, default https://wandb.ai for https://api.wandb.ai, otherwise KEYSMITH_UPSTREAM_URL',
  },
  {
    name: 'KEYSMITH_UPSTREAM_MUTATIONS',
    meaning: 'More GraphQL mutations that workloads may send to that server, comma-separated',
  },
  {
    name: 'KEYSMITH_AUTHORITY',
    meaning: 'on (default) or off: whether Keysmith checks the credentials it issued',
  },
  {
    name: 'KEYSMITH_INTROSPECTION_CLIENTS',
    meaning: 'id:secret pairs of the clients that may introspect, comma-separated',
  },
  {
    name: 'KEYSMITH_LEAK_KEYS',
    meaning:
      'ID:key pairs of the scanners that may report leaked keys at /v1/leaks, comma-separated; unset, the path doesn’t exist',
  },
  {
    name: 'KEYSMITH_ALLOW_INSECURE_ISSUERS',
    meaning: 'true allows JWT issuers at http URLs and private addresses, for development only',
  },
  {
    name: 'KEYSMITH_AUDIENCES',
    meaning: 'Accepted values of a JWT’s aud, in addition to the organization’s name, comma-separated',
  },
  {
    name: 'KEYSMITH_ACCESS_TOKEN_MINUTES',
    meaning: 'Lifetime of an access token in minutes, 15 to 1440, default 60',
  },
  {
    name: 'KEYSMITH_FAILURES_PER_MINUTE',
    meaning: 'Failed requests from one address per minute before it gets 429, default 1000',
  },
  {
    name: 'KEYSMITH_AUDIT_CHANNEL',
    meaning: 'ID of a Slack channel that gets the head of the audit record every day, such as C0123456789',
  },
  {
    name: 'LOG_LEVEL',
    meaning: 'fatal, error, warn, info (default), debug, trace or silent',
  },
] as const satisfies readonly {
  name: string;
  meaning: string;
}[];

export type SettingName = (typeof settings)[number]['name'];
