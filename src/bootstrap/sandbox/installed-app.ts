import type { InstalledApp } from '../../sandbox/slack/workspace/slack-state.ts';
import { appManifest } from '../../slack/manifest.ts';

/** Returns the app as it is installed from the manifest, for a local Slack. The manifest's URLs don't matter there. */
export function installedApp(
  tokens: Pick<InstalledApp, 'botToken' | 'signingSecret' | 'appToken'>,
): InstalledApp {
  const { display_information, features, oauth_config, settings } = appManifest({ transport: 'socket' });
  return {
    ...tokens,
    name: display_information.name,
    scopes: oauth_config.scopes.bot,
    homeTabEnabled: features.app_home.home_tab_enabled,
    messagesTabReadOnly: features.app_home.messages_tab_read_only_enabled,
    commands: features.slash_commands.map(({ command, description, usage_hint }) => ({
      command,
      description,
      usageHint: usage_hint,
    })),
    shortcuts: features.shortcuts.map(({ callback_id, name, type, description }) => ({
      callbackId: callback_id,
      name,
      type,
      description,
    })),
    eventSubscriptions: settings.event_subscriptions.bot_events,
  };
}
