import { stringify } from 'yaml';

/** What the bot may do, and nothing more. */
export const botScopes = ['commands', 'chat:write', 'users:read', 'users:read.email', 'im:write'] as const;

/** Where the manifest that ships with Keysmith says that it runs, to be replaced. */
export const placeholderUrl = 'https://keysmith.example.com';

export type ManifestOptions = { transport: 'http'; baseUrl: string } | { transport: 'socket' };

const longDescription = `Keysmith gives the teams of a Weights & Biases organization their service accounts, without a web page and without a key that lies around in a direct message.

Type /wandb service-account new, fill in the form, and get the key of a new service account in a message that only you can see, once. Keysmith checks that you are an admin of the team, makes the account, and keeps a record of who made which key, for what, and when it ends.

/wandb service-account list shows the accounts of your teams. /wandb service-account revoke cuts one off at once. /wandb help lists all commands.`;

/** The app as Slack is to know it; in Socket Mode without URLs. https://docs.slack.dev/reference/app-manifest */
export function appManifest(options: ManifestOptions) {
  const url = options.transport === 'http' ? { url: eventsUrl(options.baseUrl) } : {};
  const interactivity =
    options.transport === 'http'
      ? {
          is_enabled: true,
          request_url: eventsUrl(options.baseUrl),
          message_menu_options_url: eventsUrl(options.baseUrl),
        }
      : { is_enabled: true };
  return {
    display_information: {
      name: 'Keysmith',
      description: 'Weights & Biases service accounts for your team, made in seconds and handed over once.',
      long_description: longDescription,
      background_color: '#1d3a4f',
    },
    features: {
      // People type /wandb in the conversation with the app, too, so it must take messages.
      app_home: {
        home_tab_enabled: false,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: false,
      },
      bot_user: { display_name: 'Keysmith', always_online: true },
      slash_commands: [
        {
          command: '/wandb',
          ...url,
          description: 'Make and look after W&B service accounts',
          usage_hint: 'service-account new [name] [--team T] | list | revoke NAME | help',
          should_escape: false,
        },
      ],
    },
    oauth_config: { scopes: { bot: [...botScopes] } },
    settings: {
      interactivity,
      org_deploy_enabled: false,
      socket_mode_enabled: options.transport === 'socket',
      token_rotation_enabled: false,
    },
  };
}

/** The manifest as YAML, with what to do with it on top. */
export function manifestText(options: ManifestOptions): string {
  const manifest = stringify(appManifest(options), { lineWidth: 0 });
  return `${heading(options)}${manifest}`;
}

function heading(options: ManifestOptions): string {
  const lines = [
    'Paste this at https://api.slack.com/apps: Create New App, From a manifest, your workspace, YAML.',
    ...(options.transport === 'socket'
      ? [
          'Afterwards make an app-level token with the scope connections:write: Basic Information, App-Level Tokens.',
        ]
      : options.baseUrl === placeholderUrl
        ? [`Replace ${placeholderUrl} (3 times) with the address under which Slack reaches your Keysmith.`]
        : []),
  ];
  return lines.map((line) => `# ${line}\n`).join('');
}

function eventsUrl(baseUrl: string): string {
  return `${baseUrl}/slack/events`;
}
