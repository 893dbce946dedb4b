import { readFileSync } from 'node:fs';
import type { WebClient } from '@slack/web-api';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { parse } from 'yaml';
import { appManifest, botScopes, manifestText, placeholderUrl } from '../../src/slack/manifest.ts';

type SlackManifest = Exclude<
  NonNullable<Parameters<WebClient['apps']['manifest']['validate']>[0]>['manifest'],
  string
>;

const http = { transport: 'http', baseUrl: placeholderUrl } as const;
const socket = { transport: 'socket' } as const;

it('manifest.yml is exactly what the command prints', () => {
  const shipped = readFileSync(new URL('../../manifest.yml', import.meta.url), 'utf8');
  expect(shipped).toBe(manifestText(http));
});

it('the manifest says at the top what to replace, and how often', () => {
  const [, replace = ''] = manifestText(http).split('\n');
  expect(replace).toContain(`Replace ${placeholderUrl} (4 times)`);
  expect(JSON.stringify(appManifest(http)).split(placeholderUrl)).toHaveLength(4 + 1);
});

it('the manifest has Slack’s own type', () => {
  expectTypeOf(appManifest).returns.toExtend<SlackManifest>();
});

describe.each([
  ['HTTP', http],
  ['Socket Mode', socket],
] as const)('The manifest for %s', (_, options) => {
  const manifest = appManifest(options);

  it('is the same when parsed from YAML', () => {
    expect(parse(manifestText(options))).toEqual(manifest);
  });

  it('stays within the limits of Slack', () => {
    const {
      name,
      description,
      long_description: long,
      background_color: color,
    } = manifest.display_information;
    expect(name.length).toBeLessThanOrEqual(35);
    expect(description.length).toBeLessThanOrEqual(140);
    expect(long.length).toBeGreaterThanOrEqual(174);
    expect(long.length).toBeLessThanOrEqual(4000);
    expect(color).toMatch(/^#[0-9a-f]{6}$/i);
    expect(manifest.features.bot_user.display_name).toMatch(/^[A-Za-z0-9 ._-]{1,80}$/);
    for (const shortcut of manifest.features.shortcuts) {
      expect(shortcut.name.length).toBeLessThanOrEqual(24);
      expect(shortcut.description.length).toBeLessThanOrEqual(150);
    }
    for (const command of manifest.features.slash_commands) {
      expect(command.command).toMatch(/^\/[a-z-]{1,32}$/);
      expect(command.description.length).toBeLessThanOrEqual(2000);
      expect(command.usage_hint.length).toBeLessThanOrEqual(1000);
    }
  });

  it('requests only five bot scopes, and no token rotation, which the settings don’t support', () => {
    expect(manifest.oauth_config.scopes.bot).toEqual([...botScopes]);
    expect(manifest.settings).toMatchObject({ org_deploy_enabled: false, token_rotation_enabled: false });
  });

  it('makes the app’s messages tab read-only, because the app can’t read what people write there', () => {
    expect(manifest.features.app_home).toMatchObject({
      messages_tab_enabled: true,
      messages_tab_read_only_enabled: true,
    });
    expect(manifest.oauth_config.scopes.bot).not.toContain('im:history');
  });

  it('lists the commands in the description, and says that the app doesn’t read messages', () => {
    const { description, long_description: long } = manifest.display_information;
    expect(description).toContain('/wandb');
    for (const verb of ['new', 'list', 'revoke']) {
      expect(description + long).toContain(verb === 'new' ? 'reate' : verb);
      expect(long).toContain(`/wandb service-account ${verb}`);
    }
    expect(long).toContain('/wandb help');
    expect(long).toContain("you can't write to it");
  });
});

it('the manifest has every URL for HTTP, and none for Socket Mode', () => {
  const url = 'https://k.example.com/slack/events';
  const overHttp = appManifest({ transport: 'http', baseUrl: 'https://k.example.com' });
  expect(overHttp.settings).toMatchObject({
    socket_mode_enabled: false,
    interactivity: { is_enabled: true, request_url: url, message_menu_options_url: url },
  });
  expect(overHttp.features.slash_commands).toMatchObject([{ url }]);
  expect(JSON.stringify(appManifest(socket))).not.toMatch(/https?:|url/);
  expect(appManifest(socket).settings).toMatchObject({
    socket_mode_enabled: true,
    interactivity: { is_enabled: true },
  });
});
