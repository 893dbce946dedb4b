import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { Secret } from '../domain/keys/secret.ts';
import { byRule, emailAddressRule, organizationNameRule } from './teams-file/value-rules.ts';

// Every message is ours: zod's own may show what was received.

const secretText = (pattern: RegExp, message: string) =>
  z
    .string()
    .regex(pattern, message)
    .transform((text) => new Secret(text));

export const slackBotToken = secretText(
  /^xoxb-[\x21-\x7e]+$/,
  'A bot token starts with "xoxb-": copy it from the app’s page, under OAuth & Permissions.',
);

export const slackAppToken = secretText(
  /^xapp-[\x21-\x7e]+$/,
  'An app-level token starts with "xapp-": make one on the app’s page, under Basic Information, with the scope connections:write.',
);

export const slackSigningSecret = secretText(
  /^[\x21-\x7e]{16,}$/,
  'A signing secret has 32 hexadecimal digits: copy it from the app’s page, under Basic Information, App Credentials.',
);

/** The master secret: base64 or base64url, with or without padding, of exactly 32 bytes. */
export const masterSecret = z.string().transform((text, context) => {
  const bytes = Buffer.from(text, 'base64');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text) || bytes.length !== 32) {
    context.addIssue('The secret is 32 bytes in base64: make one with "openssl rand -base64 32".');
    return z.NEVER;
  }
  // A placeholder such as AAAA… : 32 random bytes with fewer than 9 different ones do not happen.
  if (new Set(bytes).size < 9) {
    context.addIssue('The secret is not random: make one with "openssl rand -base64 32".');
    return z.NEVER;
  }
  return new Secret<Uint8Array>(bytes);
});

export const host = z
  .string()
  .refine((text) => isIP(text) !== 0 || /^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text), {
    message: 'HOST is an IP address or a host name, without a scheme or a port.',
  });

/** 0 takes any free port. */
export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'PORT is a number from 0 to 65535.')
  .transform(Number)
  .refine((number) => number <= 65_535, 'PORT is a number from 0 to 65535.');

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const logLevel = z.enum(logLevels, {
  error: `LOG_LEVEL is one of ${logLevels.join(', ')}.`,
});

export function isLoopbackHost(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(hostname);
}

const baseUrl = (noun: string) =>
  z.string().transform((text, context) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
    if (url === undefined || !secure) {
      context.addIssue(`${noun} is a URL that starts with https:// (http:// only to this machine itself).`);
      return z.NEVER;
    }
    if (url.username !== '' || url.password !== '' || /[?#]/.test(text)) {
      context.addIssue(`${noun} carries no user name, password, query or fragment.`);
      return z.NEVER;
    }
    return url.href.replace(/\/+$/, '');
  });

/** Without a slash at the end. */
export const publicUrl = baseUrl('PUBLIC_URL');

/** With a slash at the end, as WebClient joins method names to it. */
export const slackApiUrl = baseUrl('SLACK_API_URL').transform((url) => `${url}/`);

/** Without a slash at the end; a path is part of it. */
export const wandbBaseUrl = baseUrl('WANDB_BASE_URL').transform((url, context) => {
  const { hostname, pathname } = new URL(url);
  // As the SDK refuses it: the web page and the API of W&B's own cloud have different addresses.
  if (/(^|\.)wandb\.ai$/.test(hostname) && !hostname.includes('api.')) {
    context.addIssue('W&B’s own cloud answers at https://api.wandb.ai, not at the address of its page.');
    return z.NEVER;
  }
  if (/\/graphql$/.test(pathname)) {
    context.addIssue('WANDB_BASE_URL is the address of the server, as the SDK takes it: without /graphql.');
    return z.NEVER;
  }
  return url;
});

/** As `wandbBaseUrl`; what stood there once was taken then. */
export const wandbMovedFrom = baseUrl('KEYSMITH_WANDB_MOVED_FROM');

/** As the SDKs tell a key: 40 or more word characters, after the first hyphen where there is one. */
export const wandbApiKey = secretText(
  /^(?:\w{1,64}-[\w-]{40,256}|\w{40,256})$/,
  'A W&B API key has 40 or more letters, digits, "_" and "-": copy it whole, from the user settings of the server’s page.',
);

export const organizationName = byRule(organizationNameRule);

export const emailAddresses = z.string().transform((text, context) => {
  const results = text
    .split(',')
    .filter((entry) => entry.trim() !== '')
    .map((entry) => emailAddressRule(entry.trim()));
  const wrong = results.flatMap((result, index) => (result.ok ? [] : [index + 1]));
  if (wrong.length > 0) {
    context.addIssue(
      `No e-mail address: entry ${wrong.join(', ')}. Write them in ASCII letters, separated by commas.`,
    );
    return z.NEVER;
  }
  return [...new Set(results.flatMap((result) => (result.ok ? [result.value] : [])))];
});

/** An absolute path, or `:memory:`. */
export const databaseFile = (cwd: string) =>
  z.string().transform((text, context) => {
    const refuse = (message: string) => {
      context.addIssue(message);
      return z.NEVER;
    };
    if (/^postgres(ql)?:/i.test(text)) {
      return refuse('This version runs on SQLite only: use file:./data/keysmith.db.');
    }
    const path = /^file:([^?#]+)$/.exec(text)?.[1];
    if (path === undefined)
      return refuse('DATABASE_URL is file: and a path, such as file:./data/keysmith.db.');
    if (path === ':memory:') return path;
    if (path.endsWith('/')) return refuse('DATABASE_URL names a folder: add the name of a file.');
    if (!path.startsWith('//')) return resolve(cwd, path);
    try {
      return fileURLToPath(text);
    } catch {
      return refuse(
        'DATABASE_URL names another machine: write file:/absolute/path, or file:./relative/path.',
      );
    }
  });

/** Values between commas, without what is empty. */
const entriesOf = (text: string) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** IP addresses and ranges (CIDR). A range of everybody would let callers choose their own address. */
export const trustedProxies = z.string().transform((text, context) => {
  const entries = entriesOf(text);
  const isProxy = (entry: string) =>
    entry.includes('/') ? ipaddr.isValidCIDR(entry) && !entry.endsWith('/0') : isIP(entry) !== 0;
  if (!entries.every(isProxy)) {
    context.addIssue(
      'TRUSTED_PROXIES are IP addresses or ranges such as 10.1.2.3 or 10.0.0.0/8, separated by commas.',
    );
    return z.NEVER;
  }
  return entries;
});

export const onOrOff = z.enum(['on', 'off'], { error: 'KEYSMITH_AUTHORITY is on or off.' });

export const allowInsecureIssuers = z
  .enum(['true', 'false'], { error: 'KEYSMITH_ALLOW_INSECURE_ISSUERS is true or false.' })
  .transform((word) => word === 'true');

/** Pairs of an ID and a secret. A secret may hold colons, no comma. */
export const introspectionClients = z.string().transform((text, context) => {
  const clients = entriesOf(text).map((entry) =>
    /^([\w.-]{1,64}):([\x21-\x2b\x2d-\x7e]{16,256})$/.exec(entry),
  );
  const pairs = clients.flatMap((match) => {
    const [, id, secret] = match ?? [];
    return id === undefined || secret === undefined ? [] : [{ id, secret: new Secret(secret) }];
  });
  if (pairs.length < clients.length) {
    context.addIssue(
      'Pairs such as gateway:SECRET, separated by commas: an ID of letters, digits, ".", "_" and "-", and a secret of at least 16 characters. Make one with "openssl rand -hex 32".',
    );
    return z.NEVER;
  }
  if (new Set(pairs.map(({ id }) => id)).size < pairs.length) {
    context.addIssue('An ID stands twice: each client has its own.');
    return z.NEVER;
  }
  return pairs;
});

export const audiences = z.string().transform((text, context) => {
  const entries = entriesOf(text);
  if (entries.every((entry) => /^[\x20-\x7e]{1,255}$/.test(entry))) return [...new Set(entries)];
  context.addIssue('KEYSMITH_AUDIENCES are texts of at most 255 ASCII characters, separated by commas.');
  return z.NEVER;
});

const wholeNumber = (range: { from: number; to: number }, message: string) =>
  z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((number) => number >= range.from && number <= range.to, message);

/** The SDKs exchange anew five minutes before the end: what lives shorter is exchanged before every request. */
export const accessTokenMinutes = wholeNumber(
  { from: 10, to: 1440 },
  'KEYSMITH_ACCESS_TOKEN_MINUTES is a number from 10 to 1440.',
);

export const failuresPerMinute = wholeNumber(
  { from: 1, to: 1_000_000 },
  'KEYSMITH_FAILURES_PER_MINUTE is a number from 1 to 1000000.',
);
