import { stringify } from 'yaml';

/** The bot scopes that Keysmith needs, and no others. */
export const botScopes = ['commands', 'chat:write', 'users:read', 'users:read.email', 'im:write'] as const;

/** The events to which the app subscribes. They need no scope. */
const botEvents = ['app_home_opened', 'app_uninstalled'] as const;

/** The URL in the manifest that ships with Keysmith, for its reader to replace. */
export const placeholderUrl = 'https://keysmith.example.com';

export type ManifestOptions = { transport: 'http'; baseUrl: string } | { transport: 'socket' };

const longDescription = `Keysmith creates and manages service accounts for your Weights & Biases teams, without leaving Slack and without keys that stay readable in a direct message.

Use these commands in any channel, or in a direct message with another person. Only you can see the replies:

• /wandb service-account new: opens a form and creates an account. Its key is shown once, in a message only you can see. Keysmith checks that you're an admin of the team, and records who created which key, for what, and when it expires.
• /wandb service-account list: shows the accounts of your teams.
• /wandb service-account revoke NAME: revokes an account and its key immediately.
• /wandb help: shows these commands.

The Home tab of the app shows your teams, what needs your attention, and a search for accounts. Keysmith also sends you a direct message when something needs your attention, such as a key to collect. It doesn't read messages, so you can't write to it. It sees only a message on which you use its shortcut This is a key, which finds API keys in that message.`;

/** Returns the app manifest (https://docs.slack.dev/reference/app-manifest), without URLs in Socket Mode. */
export function appManifest(options: ManifestOptions) {
  const url = options.transport === 'http' ? eventsUrl(options.baseUrl) : undefined;
  return {
    display_information: {
      name: 'Keysmith',
      description:
        'Create, list and revoke service accounts for your Weights & Biases teams with /wandb. Each key is shown only once.',
      long_description: longDescription,
      background_color: '#1d3a4f',
    },
    features: {
      // Direct messages need the messages tab. Keysmith can't read any: without a text box, nobody waits for a reply.
      app_home: {
        home_tab_enabled: true,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: true,
      },
      bot_user: { display_name: 'Keysmith', always_online: true },
      shortcuts: [
        {
          name: 'New service account',
          type: 'global' as const,
          callback_id: 'new_service_account',
          description: 'Create a W&B service account, or request one',
        },
        {
          name: 'This is a key',
          type: 'message' as const,
          callback_id: 'this_is_a_key',
          description: 'Report a Keysmith key in this message, and revoke it if it is yours',
        },
      ],
      slash_commands: [
        {
          command: '/wandb',
          ...(url !== undefined && { url }),
          description: 'Create and manage W&B service accounts',
          usage_hint: 'service-account new [name] [--team T] | list | revoke NAME | help',
          should_escape: false,
        },
      ],
    },
    oauth_config: { scopes: { bot: [...botScopes] } },
    settings: {
      event_subscriptions: {
        ...(url !== undefined && { request_url: url }),
        bot_events: [...botEvents],
      },
      interactivity: {
        is_enabled: true,
        ...(url !== undefined && { request_url: url, message_menu_options_url: url }),
      },
      org_deploy_enabled: false,
      socket_mode_enabled: options.transport === 'socket',
      token_rotation_enabled: false,
    },
  };
}

/** Returns the manifest as YAML, below a comment that says where to paste it. */
export function manifestText(options: ManifestOptions): string {
  const manifest = stringify(appManifest(options), { lineWidth: 0 });
  return `${heading(options)}${manifest}`;
}

function heading(options: ManifestOptions): string {
  const lines = [
    'Paste this at https://api.slack.com/apps: Create New App, From a manifest, your workspace, YAML.',
    ...(options.transport === 'socket'
      ? [
          'Then create an app-level token with the scope connections:write: Basic Information, App-Level Tokens.',
        ]
      : options.baseUrl === placeholderUrl
        ? [`Replace ${placeholderUrl} (4 times) with the public URL of your Keysmith.`]
        : []),
  ];
  return lines.map((line) => `# ${line}\n`).join('');
}

function eventsUrl(baseUrl: string): string {
  return `${baseUrl}/slack/events`;
}
