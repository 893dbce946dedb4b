import { createPublicKey, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isRefusedMutation } from '../domain/gateway/mutations.ts';
import { Secret } from '../domain/keys/secret.ts';
import { isLoopbackHost } from './server-urls.ts';
import type { SettingName } from './settings.ts';
import { byRule, emailAddressRule, organizationNameRule } from './teams-file/value-rules.ts';

// Every schema has its own messages: zod's may contain the value.

const secretText = (pattern: RegExp, message: string) =>
  z
    .string()
    .regex(pattern, message)
    .transform((text) => new Secret(text));

export const slackBotToken = secretText(
  /^xoxb-[\x21-\x7e]+$/,
  'A bot token starts with "xoxb-". Copy it from your app’s OAuth & Permissions page.',
);

export const slackAppToken = secretText(
  /^xapp-[\x21-\x7e]+$/,
  'An app-level token starts with "xapp-". Generate one with the scope connections:write on your app’s Basic Information page.',
);

export const slackSigningSecret = secretText(
  /^[\x21-\x7e]{16,}$/,
  'A signing secret has 32 hexadecimal digits. Copy it from App Credentials on your app’s Basic Information page.',
);

/** Exactly 32 bytes in base64 or base64url, with or without padding. */
export const masterSecret = z.string().transform((text, context) => {
  const bytes = Buffer.from(text, 'base64');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text) || bytes.length !== 32) {
    context.addIssue('The secret must be 32 bytes in base64. Generate one with "openssl rand -base64 32".');
    return z.NEVER;
  }
  // Catches placeholders such as AAAA…: 32 random bytes practically never have fewer than 9 different values.
  if (new Set(bytes).size < 9) {
    context.addIssue('The secret isn’t random. Generate one with "openssl rand -base64 32".');
    return z.NEVER;
  }
  return new Secret<Uint8Array>(bytes);
});

export const host = z
  .string()
  .refine((text) => isIP(text) !== 0 || /^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text), {
    message: 'HOST must be an IP address or a host name, without a scheme or a port.',
  });

/** 0 means any free port. */
export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'PORT must be a number from 0 to 65535.')
  .transform(Number)
  .refine((number) => number <= 65_535, 'PORT must be a number from 0 to 65535.');

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const logLevel = z.enum(logLevels, {
  error: `LOG_LEVEL must be one of ${logLevels.join(', ')}.`,
});

/** In lower case, IPv6 without brackets. */
export const loopbackHost = z.string().transform((text, context) => {
  const host = text.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (isLoopbackHost(host.includes(':') ? `[${host}]` : host)) return host;
  context.addIssue('Must be a loopback address.');
  return z.NEVER;
});

/** The form that the SDKs accept: 40 or more word characters, after a prefix and a hyphen if there is one. */
export const wandbApiKey = secretText(
  /^(?:\w{1,64}-[\w-]{40,256}|\w{40,256})$/,
  'A W&B API key has 40 or more letters, digits, "_" and "-". Copy all of it from the user settings in W&B.',
);

export const auditChannel = z
  .string()
  .regex(
    /^[CG][0-9A-Z]{6,30}$/,
    'Must be the ID of a channel, such as C0123456789. Slack shows it at the end of the channel’s details.',
  );

export const organizationName = byRule(organizationNameRule);

/** Splits at commas, and leaves out empty entries. */
const splitList = (text: string) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** Lower case, without duplicates. */
export const emailAddresses = z.string().transform((text, context) => {
  const entries = splitList(text);
  const addresses = entries.flatMap((entry) => {
    const result = emailAddressRule(entry);
    return result.ok ? [result.value] : [];
  });
  if (addresses.length === entries.length) return [...new Set(addresses)];
  const invalid = entries.flatMap((entry, index) => (emailAddressRule(entry).ok ? [] : [index + 1]));
  const which =
    invalid.length === 1
      ? `Entry ${invalid} isn’t an email address`
      : `Entries ${invalid.join(', ')} aren’t email addresses`;
  context.addIssue(`${which}. Write them like ada@example.com, in ASCII letters, separated by commas.`);
  return z.NEVER;
});

/** An absolute path, or `:memory:`. */
export const databaseFile = (cwd: string) =>
  z.string().transform((text, context) => {
    const refuse = (message: string) => {
      context.addIssue(message);
      return z.NEVER;
    };
    if (/^postgres(ql)?:/i.test(text)) {
      return refuse('Only SQLite is supported. Use file:./data/keysmith.db.');
    }
    const path = /^file:([^?#]+)$/.exec(text)?.[1];
    if (path === undefined)
      return refuse('DATABASE_URL must be file: and a path, such as file:./data/keysmith.db.');
    if (path === ':memory:') return path;
    if (path.endsWith('/')) return refuse('DATABASE_URL names a folder. Add a file name.');
    if (!path.startsWith('//')) return resolve(cwd, path);
    try {
      return fileURLToPath(text);
    } catch {
      const isOnOtherHost = (URL.parse(text)?.host ?? '') !== '';
      return refuse(
        isOnOtherHost
          ? 'DATABASE_URL names another machine. Use file:/absolute/path or file:./relative/path.'
          : 'DATABASE_URL isn’t a valid file URL. After file://, write "%" as %25, and "/" as it is.',
      );
    }
  });

/** IP addresses and CIDR ranges. A range of all addresses would let callers choose their own. */
export const trustedProxies = z.string().transform((text, context) => {
  const entries = splitList(text);
  if (!entries.every((entry) => (entry.includes('/') ? isProperRange(entry) : isIP(entry) !== 0))) {
    context.addIssue(
      'TRUSTED_PROXIES must be IP addresses or ranges such as 10.1.2.3 or 10.0.0.0/8, separated by commas.',
    );
    return z.NEVER;
  }
  return entries;
});

/** Not one of all addresses, or of all IPv4 addresses, which `::ffff:0:0/96` is too. */
function isProperRange(text: string): boolean {
  // ipaddr.js alone also takes "10/8" for 0.0.0.0/8, and "010.0.0.0/8" for 8.0.0.0/8.
  if (!ipaddr.isValidCIDR(text) || isIP(text.slice(0, text.indexOf('/'))) === 0) return false;
  const [network, length] = ipaddr.parseCIDR(text);
  const isMapped = network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress();
  return length > (isMapped ? 96 : 0);
}

export const backendKind = z.enum(['builtin', 'wandb'], {
  error: 'KEYSMITH_BACKEND must be builtin or wandb.',
});

export const upstreamAuth = z.enum(['key', 'federation'], {
  error: 'KEYSMITH_UPSTREAM_AUTH must be key or federation.',
});

/** Names of GraphQL mutations, without duplicates. */
export const upstreamMutations = z.string().transform((text, context) => {
  const entries = splitList(text);
  const refuse = (isWrong: (name: string) => boolean, one: string, several: string, remedy: string) => {
    const numbers = entries.flatMap((name, index) => (isWrong(name) ? [index + 1] : []));
    if (numbers.length === 0) return;
    const which =
      numbers.length === 1 ? `Entry ${numbers} ${one}` : `Entries ${numbers.join(', ')} ${several}`;
    context.addIssue(`${which}. ${remedy}`);
  };
  refuse(
    (name) => !GRAPHQL_NAME.test(name),
    'isn’t the name of a mutation',
    'aren’t names of mutations',
    'Write names like deleteRun, separated by commas.',
  );
  refuse(
    isRefusedMutation,
    'can’t be allowed',
    'can’t be allowed',
    'With it, workloads could create W&B credentials, change the rights of people, or send data elsewhere.',
  );
  return context.issues.length > 0 ? z.NEVER : [...new Set(entries)];
});

/** Names that start with two underscores are reserved (GraphQL, section 2.1.9). */
const GRAPHQL_NAME = /^(?!__)[A-Za-z_][A-Za-z0-9_]{0,99}$/;

const onOrOffFor = (name: SettingName) => z.enum(['on', 'off'], { error: `${name} must be on or off.` });

export const onOrOff = onOrOffFor('KEYSMITH_AUTHORITY');
export const wandbAuditLog = onOrOffFor('KEYSMITH_WANDB_AUDIT_LOG');

export const allowInsecureIssuers = z
  .enum(['true', 'false'], { error: 'KEYSMITH_ALLOW_INSECURE_ISSUERS must be true or false.' })
  .transform((word) => word === 'true');

/** Pairs of an ID and a secret. The secret may contain colons, but no comma. */
export const introspectionClients = z.string().transform((text, context) => {
  const clients = splitList(text).map((entry) =>
    /^([\w.-]{1,64}):([\x21-\x2b\x2d-\x7e]{16,256})$/.exec(entry),
  );
  const pairs = clients.flatMap((match) => {
    const [, id, secret] = match ?? [];
    return id === undefined || secret === undefined ? [] : [{ id, secret: new Secret(secret) }];
  });
  if (pairs.length < clients.length) {
    context.addIssue(
      'Must be pairs such as gateway:SECRET, separated by commas: an ID of letters, digits, ".", "_" and "-", and a secret of at least 16 characters. Generate one with "openssl rand -hex 32".',
    );
    return z.NEVER;
  }
  if (new Set(pairs.map(({ id }) => id)).size < pairs.length) {
    context.addIssue('Duplicate client ID. Each client needs its own.');
    return z.NEVER;
  }
  return pairs;
});

/**
 * Pairs of an ID and a public key (ECDSA P-256), separated by commas. The key is a PEM, whose line breaks may be written as `\\n` or left
 * out with its first and last line, so that it fits on a line of a .env file.
 */
export const leakKeys = z.string().transform((text, context) => {
  const entries = splitList(text).map((entry) => /^([\w.-]{1,128})\s*[:=]\s*(.+)$/s.exec(entry));
  const keys = entries.flatMap((match) => {
    const [, id, pem = ''] = match ?? [];
    const publicKey = readPublicKey(pem);
    return id === undefined || publicKey === undefined ? [] : [{ id, publicKey }];
  });
  if (keys.length < entries.length) {
    context.addIssue(
      'Must be pairs such as ID:KEY, separated by commas: the ID and the ECDSA P-256 public key of a scanner, as PEM or its base64 alone. GitHub publishes its own at https://api.github.com/meta/public_keys/secret_scanning.',
    );
    return z.NEVER;
  }
  if (new Set(keys.map(({ id }) => id)).size < keys.length) {
    context.addIssue('Duplicate ID. Each key has its own.');
    return z.NEVER;
  }
  return keys;
});

function readPublicKey(pem: string): KeyObject | undefined {
  const base64 = pem.replace(/-----(?:BEGIN|END) PUBLIC KEY-----/g, '').replace(/\\[nr]|\s|["']/g, '');
  try {
    const key = createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
}

export const audiences = z.string().transform((text, context) => {
  const entries = splitList(text);
  if (entries.every((entry) => /^[\x20-\x7e]{1,255}$/.test(entry))) return [...new Set(entries)];
  context.addIssue('KEYSMITH_AUDIENCES must be values of at most 255 ASCII characters, separated by commas.');
  return z.NEVER;
});

const wholeNumber = (range: { from: number; to: number }, message: string) =>
  z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((number) => number >= range.from && number <= range.to, message);

/** The SDKs renew a token five minutes before it expires, so much shorter ones would be renewed all the time. */
export const LEAST_ACCESS_TOKEN_MINUTES = 15;
/** From 10, which earlier versions accepted. */
export const accessTokenMinutes = wholeNumber(
  { from: 10, to: 1440 },
  `KEYSMITH_ACCESS_TOKEN_MINUTES must be a number from ${LEAST_ACCESS_TOKEN_MINUTES} to 1440.`,
);

/** 0 would mean without a limit to Node. Google's load balancers keep connections for ten minutes. */
export const keepAliveSeconds = wholeNumber(
  { from: 1, to: 7200 },
  'KEYSMITH_KEEP_ALIVE_SECONDS must be a number from 1 to 7200.',
);

export const failuresPerMinute = wholeNumber(
  { from: 1, to: 1_000_000 },
  'KEYSMITH_FAILURES_PER_MINUTE must be a number from 1 to 1000000.',
);
