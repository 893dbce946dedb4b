/**
 * Every setting that Keysmith reads from the environment, for the README's table and for telling a mistyped name. A
 * `reserved` one is known by name and has no effect in this version.
 */
export const settings = [
  {
    name: 'SLACK_BOT_TOKEN',
    status: 'used',
    meaning: 'The app’s bot token, xoxb-…',
  },
  {
    name: 'SLACK_SIGNING_SECRET',
    status: 'used',
    meaning: 'HTTP mode: proves that requests come from Slack',
  },
  {
    name: 'SLACK_APP_TOKEN',
    status: 'used',
    meaning: 'Socket Mode: the app-level token, xapp-…',
  },
  {
    name: 'SLACK_API_URL',
    status: 'used',
    meaning: 'Another Slack API base, default https://slack.com/api/',
  },
  {
    name: 'HOST',
    status: 'used',
    meaning: 'Address that HTTP listens on, default 0.0.0.0 (sandbox: 127.0.0.1)',
  },
  {
    name: 'PORT',
    status: 'used',
    meaning: 'Port that HTTP listens on, default 3000',
  },
  {
    name: 'PUBLIC_URL',
    status: 'used',
    meaning: 'How workloads reach the API; the issuer of access tokens. Optional with a W&B server',
  },
  {
    name: 'TRUSTED_PROXIES',
    status: 'reserved',
    meaning: 'Addresses whose X-Forwarded-For counts',
  },
  {
    name: 'DATABASE_URL',
    status: 'used',
    meaning: 'Where the database is, default file:./data/keysmith.db',
  },
  {
    name: 'KEYSMITH_SECRET',
    status: 'used',
    meaning: '32 bytes, base64, from which every other key is derived',
  },
  {
    name: 'KEYSMITH_SECRET_FILE',
    status: 'used',
    meaning: 'A file that holds it instead',
  },
  {
    name: 'KEYSMITH_ORGANIZATION',
    status: 'used',
    meaning: 'Name of the W&B organization',
  },
  {
    name: 'KEYSMITH_ORGANIZATION_ADMINS',
    status: 'used',
    meaning: 'E-mail addresses, comma-separated; added to those of the teams file',
  },
  {
    name: 'KEYSMITH_TEAMS_FILE',
    status: 'used',
    meaning: 'Teams, members and roles as YAML, applied at start. Not with a W&B server',
  },
  {
    name: 'WANDB_BASE_URL',
    status: 'used',
    meaning: 'Use the W&B server there as the backend',
  },
  {
    name: 'WANDB_API_KEY',
    status: 'used',
    meaning: 'The key that Keysmith uses at that server',
  },
  {
    name: 'KEYSMITH_WANDB_MOVED_FROM',
    status: 'used',
    meaning:
      'The address that the W&B server had before, where the very same server has moved. For one start',
  },
  {
    name: 'KEYSMITH_INTROSPECTION_CLIENTS',
    status: 'reserved',
    meaning: 'id:secret pairs, comma-separated: who may introspect',
  },
  {
    name: 'KEYSMITH_ALLOW_INSECURE_ISSUERS',
    status: 'reserved',
    meaning: 'true allows http and private addresses for JWT issuers: development only',
  },
  {
    name: 'LOG_LEVEL',
    status: 'used',
    meaning: 'fatal, error, warn, info (default), debug, trace or silent',
  },
] as const satisfies readonly {
  name: string;
  status: 'used' | 'reserved';
  meaning: string;
}[];

export type SettingName = (typeof settings)[number]['name'];
