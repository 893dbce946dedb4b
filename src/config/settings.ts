/**
 * Every setting that Keysmith reads from the environment, for the README's table and for telling a mistyped name.
 */
export const settings = [
  {
    name: 'SLACK_BOT_TOKEN',
    meaning: 'The app’s bot token, xoxb-…',
  },
  {
    name: 'SLACK_SIGNING_SECRET',
    meaning: 'HTTP mode: proves that requests come from Slack',
  },
  {
    name: 'SLACK_APP_TOKEN',
    meaning: 'Socket Mode: the app-level token, xapp-…',
  },
  {
    name: 'SLACK_API_URL',
    meaning: 'Another Slack API base, default https://slack.com/api/',
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
    meaning: 'How workloads reach the API; the issuer of access tokens. Optional with a W&B server',
  },
  {
    name: 'TRUSTED_PROXIES',
    meaning: 'Addresses and ranges whose X-Forwarded-For counts, comma-separated',
  },
  {
    name: 'DATABASE_URL',
    meaning: 'Where the database is, default file:./data/keysmith.db',
  },
  {
    name: 'KEYSMITH_SECRET',
    meaning: '32 bytes, base64, from which every other key is derived',
  },
  {
    name: 'KEYSMITH_SECRET_FILE',
    meaning: 'A file that holds it instead',
  },
  {
    name: 'KEYSMITH_ORGANIZATION',
    meaning: 'Name of the W&B organization',
  },
  {
    name: 'KEYSMITH_ORGANIZATION_ADMINS',
    meaning: 'E-mail addresses, comma-separated; added to those of the teams file',
  },
  {
    name: 'KEYSMITH_TEAMS_FILE',
    meaning: 'Teams, members and roles as YAML, applied at start. Not with a W&B server',
  },
  {
    name: 'WANDB_BASE_URL',
    meaning: 'Use the W&B server there as the backend',
  },
  {
    name: 'WANDB_API_KEY',
    meaning: 'The key that Keysmith uses at that server',
  },
  {
    name: 'KEYSMITH_WANDB_MOVED_FROM',
    meaning:
      'The address that the W&B server had before, where the very same server has moved. For one start',
  },
  {
    name: 'KEYSMITH_AUTHORITY',
    meaning: 'on (default) or off: whether Keysmith checks the credentials that it handed out',
  },
  {
    name: 'KEYSMITH_INTROSPECTION_CLIENTS',
    meaning: 'id:secret pairs, comma-separated: who may introspect',
  },
  {
    name: 'KEYSMITH_ALLOW_INSECURE_ISSUERS',
    meaning: 'true allows http and private addresses for JWT issuers: development only',
  },
  {
    name: 'KEYSMITH_AUDIENCES',
    meaning: 'What the aud of a JWT may be beside the organization’s name, comma-separated',
  },
  {
    name: 'KEYSMITH_ACCESS_TOKEN_MINUTES',
    meaning: 'How long an access token lives, default 60',
  },
  {
    name: 'KEYSMITH_FAILURES_PER_MINUTE',
    meaning: 'Failed requests of one address before it gets 429, default 1000',
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
