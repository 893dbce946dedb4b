import { resolve } from 'node:path';
import { z } from 'zod';
import type { Secret } from '../domain/keys/secret.ts';
import { readOrganizationConfig, usesWandb } from './backend-config.ts';
import type { AuthorityConfig, LiveConfig, SlackConfig } from './configuration.ts';
import { readGatewayConfig } from './gateway-config.ts';
import { readSecretFile } from './secret-file.ts';
import { publicUrl, slackApiUrl } from './server-urls.ts';
import type { SettingReader } from './setting-reader.ts';
import {
  accessTokenMinutes,
  allowInsecureIssuers,
  audiences,
  auditChannel,
  databaseFile,
  failuresPerMinute,
  host,
  introspectionClients,
  keepAliveSeconds,
  LEAST_ACCESS_TOKEN_MINUTES,
  leakKeys,
  logLevel,
  masterSecret,
  onOrOff,
  port,
  slackAppToken,
  slackBotToken,
  slackSigningSecret,
  trustedProxies,
} from './setting-schemas.ts';
import type { SettingName } from './settings.ts';

/** Reads the settings of a workspace. Returns undefined if it added a problem. */
export function readLiveConfig(
  reader: SettingReader,
  cwd: string,
  options: { production: boolean; noProxy: string | undefined },
): LiveConfig | undefined {
  const slack = readSlackConfig(reader, options);
  const secret = readMasterSecret(reader, cwd);
  const url = readPublicUrl(reader);
  const organization = readOrganizationConfig(reader, { cwd, publicUrl: url });
  if (usesWandb(reader)) refuseAuthoritySettings(reader);
  const http = {
    // Requests come through a proxy that terminates TLS, often on another machine or in another container.
    host: reader.optional('HOST', host) ?? '0.0.0.0',
    port: reader.optional('PORT', port) ?? 3000,
  };
  const common = {
    http,
    databaseFile: reader.isSet('DATABASE_URL')
      ? reader.optional('DATABASE_URL', databaseFile(cwd))
      : resolve(cwd, 'data', 'keysmith.db'),
    logLevel: reader.optional('LOG_LEVEL', logLevel) ?? 'info',
    authority: usesWandb(reader) ? undefined : readOptionalAuthority(reader),
    gateway: readGatewayConfig(reader, { publicUrl: url, http }),
    auditChannel: reader.optional('KEYSMITH_AUDIT_CHANNEL', auditChannel),
    trustedProxies: reader.optional('TRUSTED_PROXIES', trustedProxies) ?? [],
    keepAliveSeconds: reader.optional('KEYSMITH_KEEP_ALIVE_SECONDS', keepAliveSeconds),
  };
  const isComplete = url !== undefined || usesWandb(reader);
  if (!slack || !secret || !isComplete || !organization || !common.databaseFile) return undefined;
  return {
    ...common,
    ...organization,
    kind: 'live',
    databaseFile: common.databaseFile,
    secret,
    slack,
    publicUrl: url,
    noProxy: options.noProxy,
  };
}

/** Optional with a W&B server, which workloads talk to directly. */
function readPublicUrl(reader: SettingReader): string | undefined {
  if (usesWandb(reader)) return reader.optional('PUBLIC_URL', publicUrl);
  return reader.required(
    'PUBLIC_URL',
    publicUrl,
    'Missing: the URL that workloads use for Keysmith, such as https://keysmith.example.com.',
  );
}

const missingBotToken = {
  production:
    'The sandbox doesn’t run with NODE_ENV=production: set SLACK_BOT_TOKEN, and SLACK_SIGNING_SECRET or SLACK_APP_TOKEN.',
  otherwise:
    'Missing: the bot token, which starts with "xoxb-". To start the sandbox instead, unset every SLACK_* setting.',
};

function readSlackConfig(reader: SettingReader, options: { production: boolean }): SlackConfig | undefined {
  const missing = options.production ? missingBotToken.production : missingBotToken.otherwise;
  const botToken = reader.required('SLACK_BOT_TOKEN', slackBotToken, missing);
  const apiUrl = reader.isSet('SLACK_API_URL')
    ? reader.optional('SLACK_API_URL', slackApiUrl)
    : 'https://slack.com/api/';
  // In Socket Mode requests aren't signed, so a signing secret isn't needed.
  if (reader.isSet('SLACK_APP_TOKEN')) {
    const appToken = reader.optional('SLACK_APP_TOKEN', slackAppToken);
    return botToken && appToken && apiUrl ? { transport: 'socket', botToken, appToken, apiUrl } : undefined;
  }
  const signingSecret = reader.required(
    'SLACK_SIGNING_SECRET',
    slackSigningSecret,
    'Missing: set it to receive requests over HTTP, or set SLACK_APP_TOKEN for Socket Mode.',
  );
  return botToken && signingSecret && apiUrl
    ? { transport: 'http', botToken, signingSecret, apiUrl }
    : undefined;
}

function readMasterSecret(reader: SettingReader, cwd: string): Secret<Uint8Array> | undefined {
  if (!reader.isSet('KEYSMITH_SECRET_FILE')) {
    return reader.required(
      'KEYSMITH_SECRET',
      masterSecret,
      'Missing: 32 random bytes in base64. Generate them with "openssl rand -base64 32", or set KEYSMITH_SECRET_FILE.',
    );
  }
  if (reader.isSet('KEYSMITH_SECRET')) {
    reader.problem('KEYSMITH_SECRET_FILE', 'KEYSMITH_SECRET is set too. Unset one of them.');
    reader.optional('KEYSMITH_SECRET', masterSecret);
    return undefined;
  }
  const path = reader.optional('KEYSMITH_SECRET_FILE', z.string());
  const result = readSecretFile(resolve(cwd, path ?? ''));
  if (result.ok) return result.secret;
  reader.problem('KEYSMITH_SECRET_FILE', result.message);
  return undefined;
}

/** Returns undefined if it is switched off. */
function readOptionalAuthority(reader: SettingReader): AuthorityConfig | undefined {
  const config = readAuthorityConfig(reader);
  return reader.optional('KEYSMITH_AUTHORITY', onOrOff) === 'off' ? undefined : config;
}

/** Reads the settings of the authority, except whether it is on. */
export function readAuthorityConfig(reader: SettingReader): AuthorityConfig {
  return {
    introspectionClients: reader.optional('KEYSMITH_INTROSPECTION_CLIENTS', introspectionClients) ?? [],
    leakKeys: reader.optional('KEYSMITH_LEAK_KEYS', leakKeys) ?? [],
    allowsInsecureIssuers: reader.optional('KEYSMITH_ALLOW_INSECURE_ISSUERS', allowInsecureIssuers) ?? false,
    audiences: reader.optional('KEYSMITH_AUDIENCES', audiences) ?? [],
    accessTokenSeconds: 60 * readAccessTokenMinutes(reader),
    failuresPerMinute: reader.optional('KEYSMITH_FAILURES_PER_MINUTE', failuresPerMinute) ?? 1_000,
  };
}

function readAccessTokenMinutes(reader: SettingReader): number {
  const name = 'KEYSMITH_ACCESS_TOKEN_MINUTES';
  const minutes = reader.optional(name, accessTokenMinutes) ?? 60;
  if (minutes >= LEAST_ACCESS_TOKEN_MINUTES) return minutes;
  reader.warning(name, `The minimum is ${LEAST_ACCESS_TOKEN_MINUTES} minutes, which Keysmith uses instead.`);
  return LEAST_ACCESS_TOKEN_MINUTES;
}

const authoritySettings = [
  'KEYSMITH_AUTHORITY',
  'KEYSMITH_INTROSPECTION_CLIENTS',
  'KEYSMITH_LEAK_KEYS',
  'KEYSMITH_ALLOW_INSECURE_ISSUERS',
  'KEYSMITH_AUDIENCES',
  'KEYSMITH_ACCESS_TOKEN_MINUTES',
  'KEYSMITH_FAILURES_PER_MINUTE',
] as const satisfies readonly SettingName[];

/** The W&B server checks its own credentials, so these settings would have no effect. */
function refuseAuthoritySettings(reader: SettingReader): void {
  for (const name of authoritySettings) {
    if (reader.isSet(name)) {
      reader.problem(
        name,
        'Unset it: with a W&B server as the backend, that server checks its own credentials.',
      );
    }
  }
}
