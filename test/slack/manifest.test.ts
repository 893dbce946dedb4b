import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listeners } from '../../src/slack/listeners/listeners.ts';
import { appManifest, botScopes } from '../../src/slack/manifest.ts';
import { SLACK_EVENTS_PATH } from '../../src/slack/receiver/slack-app.ts';

const http = appManifest({ transport: 'http', baseUrl: 'https://keysmith.acme.test' });
const socket = appManifest({ transport: 'socket' });

/** The bot scopes of each Web API method that Keysmith calls (docs.slack.dev/reference/methods). */
const SCOPES_OF_METHODS: Record<string, string[]> = {
  'auth.test': [],
  'views.open': [],
  'views.publish': [],
  'views.push': [],
  'views.update': [],
  'chat.postEphemeral': ['chat:write'],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.open': ['im:write'],
  'users.info': ['users:read'],
  'users.lookupByEmail': ['users:read.email'],
};

describe('The manifest', () => {
  test.each([
    ['HTTP', http],
    ['Socket Mode', socket],
  ])(
    'declares exactly the commands, shortcuts, events and interactivity that Keysmith handles over %s',
    (_name, manifest) => {
      expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual(
        Object.keys(listeners.commands),
      );
      expect(manifest.settings.interactivity.is_enabled).toBe(true);
      const { shortcuts } = manifest.features;
      const shortcutsOf = (type: string) =>
        shortcuts.filter((shortcut) => shortcut.type === type).map(({ callback_id }) => callback_id);
      expect(shortcutsOf('global')).toEqual(Object.keys(listeners.shortcuts));
      expect(shortcutsOf('message')).toEqual(Object.keys(listeners.messageShortcuts));
      expect(manifest.settings.event_subscriptions.bot_events).toEqual(Object.keys(listeners.events).sort());
    },
  );

  test('sends all requests, external selects included, to the one path that Keysmith serves over HTTP', () => {
    const { interactivity, event_subscriptions } = http.settings;
    const urls = [
      ...http.features.slash_commands.map(({ url }) => url),
      event_subscriptions.request_url,
      interactivity.request_url,
      interactivity.message_menu_options_url,
    ];
    expect(Object.keys(listeners.options)).not.toEqual([]);
    expect(urls).toEqual(urls.map(() => `https://keysmith.acme.test${SLACK_EVENTS_PATH}`));
  });

  test('requests exactly the scopes of the methods that the code calls', () => {
    const called = methodsCalled();
    expect(called).toEqual(Object.keys(SCOPES_OF_METHODS).sort());
    const needed = new Set(['commands', ...called.flatMap((method) => SCOPES_OF_METHODS[method] ?? [])]);
    expect([...needed].sort()).toEqual([...botScopes].sort());
    expect(http.oauth_config.scopes.bot).toEqual([...botScopes]);
    expect(socket.oauth_config.scopes.bot).toEqual([...botScopes]);
  });

  test('allows the app to send direct messages', () => {
    expect(http.features.bot_user.display_name).toBe('Keysmith');
    expect(http.features.app_home).toEqual({
      home_tab_enabled: true,
      messages_tab_enabled: true,
      messages_tab_read_only_enabled: true,
    });
  });
});

/** Returns the Web API methods in the source: `web.chat.postMessage(` or `new URL('chat.postEphemeral'`. */
function methodsCalled(): string[] {
  const folder = join(import.meta.dirname, '../../src/slack');
  const called = new Set<string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const source = readFileSync(join(folder, name), 'utf8');
    for (const [, method] of source.matchAll(/\b(?:web|client)\.(\w+\.\w+)\(/g)) called.add(method ?? '');
    for (const [, method] of source.matchAll(/new URL\('(\w+\.\w+)'/g)) called.add(method ?? '');
  }
  return [...called].sort();
}
