import { CompactEncrypt, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { drawApiKey, formatApiKey } from '../../src/domain/keys/api-key.ts';
import { createRedaction } from '../../src/log/redaction.ts';
import { startCpuTime } from '../cpu-time.ts';

const redact = createRedaction([]);

const key = formatApiKey(drawApiKey((size) => new Uint8Array(size).map((_, index) => index * 7)));
const KEY = new Uint8Array(32).fill(1);
const jwt = await new SignJWT({ sub: 'x' }).setProtectedHeader({ alg: 'HS256' }).sign(KEY);
const jwe = await new CompactEncrypt(new TextEncoder().encode('secret'))
  .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'view-1' })
  .encrypt(KEY);
const HEX_KEY = '0123456789abcdef0123456789abcdef01234567';
const MIXED_KEY = 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5kL7n';

/** What of each must not be left. */
const secrets: [what: string, text: string, secret: string][] = [
  ['an API key', key, key.slice(22)],
  ['an API key without its end', key.slice(0, 40), key.slice(22, 40)],
  ['a bot token', 'xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx', 'AbCdEfGhIjKlMnOpQrStUvWx'],
  ['a user token', 'xoxp-123456789012-AbCdEfGh', 'AbCdEfGh'],
  ['a rotated token', 'xoxe.xoxb-1-MjphYmNkZWY', 'MjphYmNkZWY'],
  ['a refresh token', 'xoxe-1-MjphYmNkZWY', 'MjphYmNkZWY'],
  ['an app token', 'xapp-1-A0123456789-1234567890123-abcdef0123456789', 'abcdef0123456789'],
  ['a workflow token', 'xwfp-1234567-abcdef', 'abcdef'],
  ['a command’s response URL', 'https://hooks.slack.com/commands/T0123ABCD/456789/aBcDeFgHiJ', 'aBcDeFgHiJ'],
  ['a button’s response URL', 'https://hooks.slack.com/actions/T0123ABCD/456789/aBcDeFgHiJ', 'aBcDeFgHiJ'],
  ['an organization’s response URL', 'https://hooks.slack.com/app/E0123ABCD/456789/aBcDeFgHiJ', 'aBcDeFgHiJ'],
  ['an incoming webhook', 'https://hooks.slack.com/services/T0123ABCD/B456789/aBcDeFgHiJ', 'aBcDeFgHiJ'],
  [
    'a response URL with a query',
    'https://hooks.slack.com/commands/T0123ABCD/4/x?y=aBcDeFgHiJ',
    'aBcDeFgHiJ',
  ],
  ['a socket’s URL', 'wss://wss-primary.slack.com/link/?ticket=0a1b2c3d-4e5f&app_id=0f1e2d', '0a1b2c3d-4e5f'],
  [
    'the hash of the app in a socket’s URL',
    'wss://wss-primary.slack.com/link/?ticket=0a1b2c3d-4e5f&app_id=0f1e2d',
    '0f1e2d',
  ],
  ['a JWT', jwt, jwt.slice(40)],
  ['a JWE', jwe, jwe.slice(-20)],
  ['a W&B key', HEX_KEY, HEX_KEY],
  ['a W&B key with a prefix', `local-${HEX_KEY}`, HEX_KEY],
  ['a W&B key of letters of both cases', `acme-${MIXED_KEY}`, MIXED_KEY],
  [
    'a W&B key with hyphens',
    `wandb-v2-${MIXED_KEY.slice(0, 20)}-${MIXED_KEY.slice(20)}`,
    MIXED_KEY.slice(20),
  ],
  ['a W&B key of a newer kind', `wandb_v1_${MIXED_KEY}`, MIXED_KEY],
  ['a Bearer header', 'Authorization: Bearer abcdef.0123456789~+/=', 'abcdef.0123456789'],
  ['a Basic header', 'authorization: basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNzd29yZA'],
  ['a JWT behind a letter', `x${jwt}`, jwt.slice(-20)],
];

const places: [where: string, put: (text: string) => string][] = [
  ['alone', (text) => text],
  ['in a sentence', (text) => `it was ${text}, of all things.`],
  ['in brackets', (text) => `<${text}> (${text})`],
  ['in JSON', (text) => JSON.stringify({ value: text })],
  [
    'in JSON with escaped slashes, as Slack writes it',
    (text) => JSON.stringify({ value: text }).replaceAll('/', '\\/'),
  ],
  ['in JSON within a line of JSON', (text) => JSON.stringify({ msg: JSON.stringify({ value: text }) })],
  [
    'in Slack’s JSON within a line of JSON',
    (text) => JSON.stringify({ msg: JSON.stringify({ value: text }).replaceAll('/', '\\/') }),
  ],
  [
    'in JSON three times over',
    (text) => JSON.stringify(JSON.stringify(JSON.stringify({ value: text }).replaceAll('/', '\\/'))),
  ],
  [
    'at the start of a line within JSON',
    (text) => JSON.stringify({ err: `Error: no good:\n${text}\n    at once` }),
  ],
  ['after a tab within JSON', (text) => JSON.stringify({ err: `no good:\t${text}` })],
  ['after a colour', (text) => JSON.stringify({ err: `\u001b${text}` })],
  ['twice', (text) => `${text} ${text}`],
];

describe.each(places)('%s, is taken out', (_where, put) => {
  test.each(secrets)('%s', (_what, text, secret) => {
    const line = put(text);
    expect(line.replaceAll('\\', '')).toContain(secret);

    const redacted = redact(line);

    expect(redacted.replaceAll('\\', '')).not.toContain(secret);
    expect(redacted).toContain('[redacted]');
  });
});

describe('In a form, as it stands on the wire, is taken out', () => {
  const plain = secrets.filter(([what]) => !/Basic|Bearer|socket/.test(what) && !what.includes('query'));

  test.each(plain)('%s', (_what, text, secret) => {
    expect(redact(new URLSearchParams({ a: text, b: '1' }).toString())).not.toContain(secret);
  });
});

describe('The given secrets are taken out', () => {
  const signingSecret = '0123456789abcdef0123456789abcdef';
  const keysmithSecret = Buffer.alloc(32, 251).toString('base64');
  const redactThese = createRedaction([signingSecret, keysmithSecret, 'short', '']);

  test('letter for letter, wherever and however often they stand', () => {
    expect(redactThese(`a${signingSecret}b ${signingSecret}`)).toBe('a[redacted]b [redacted]');
  });

  test('in base64 with and without its padding', () => {
    expect(redactThese(`secret: ${keysmithSecret}`)).not.toContain(keysmithSecret.slice(0, 20));
    expect(redactThese(`secret: ${keysmithSecret.replace('=', '')}`)).not.toContain(
      keysmithSecret.slice(0, 20),
    );
  });

  test('but not words so short that they would be found everywhere', () => {
    expect(redactThese('in short')).toBe('in short');
  });
});

describe('A line without a secret stays as it is', () => {
  test.each([
    '{"level":30,"time":"2026-11-24T03:51:29.000Z","requestId":"ks_8mG2kQp0ZxY4aB","msg":"service account created"}',
    '{"accountId":"sa_8mG2kQp0ZxY4aB","team":"ml-platform","keyId":"QKoqa1wkRQGF"}',
    'the app listens at http://127.0.0.1:3000/slack/events',
    'GET /commands/help, /app/main.ts and /actions/list',
    'linuxapp-foo, foxboxb-bar and an xoxo-hug',
    'the bearer of this',
    'eyJ is how they start; eyJoke.a.b',
    'keysmith_ is what keys start with, keysmith_short-x too',
    `{"audit":"${'0123456789abcdef'.repeat(4)}","sequence":12}`,
    'request 123e4567-e89b-12d3-a456-426614174000-123e4567-e89b-12d3-a456-426614174000',
    'the team ml-platform-eu-west-1-production-training-cluster-nightly-2026',
    'at file:///srv/keysmith/node_modules/drizzle-orm/better-sqlite3-session-with-a-long-name-v2-of-words.js',
    'WANDB-THE_NAME_OF_SOMETHING_THAT_IS_LONGER_THAN_FORTY',
    '{"id":"op_8mG2kQp0ZxY4aB","err":"dlv_8mG2kQp0ZxY4aB-col_8mG2kQp0ZxY4aB-sa_8mG2kQp0ZxY"}',
    '',
  ])('%s', (line) => {
    expect(redact(line)).toBe(line);
  });
});

describe('A line of a megabyte is little work, whoever made it', () => {
  const size = 1024 * 1024;
  const filled = (piece: string) => piece.repeat(Math.ceil(size / piece.length)).slice(0, size);

  test.each([
    'x',
    '\\',
    '\\\\/',
    '/',
    '%2F',
    '/app/T',
    '/commands/T0',
    '/commands/T0/\\\\',
    'eyJ',
    'eyJ-',
    'eyJ_',
    '\\neyJ',
    '-eyJaaaaaaaa',
    '.',
    'eyJaaaaaaaa.',
    'eyJaaaaaaaa.-',
    'xoxb',
    'xoxb.',
    'xoxb.x',
    'xoxb-',
    'xapp-1',
    'Bearer ',
    'Bearer',
    'basic  ',
    'keysmith_',
    'keysmith_aaaaaaaaaaaa-',
    'a-',
    'a1',
    '0123456789abcde-',
    '\\na-',
    '?ticket=',
    '&token=a',
    '\\u0026',
    '"',
    '\\"',
    ' ',
    '\u2028',
    'é',
  ])('%j over and over', (piece) => {
    const cpuTimeMs = startCpuTime();

    redact(filled(piece));
    for (const start of ['eyJaaaaaaaa.', 'Bearer ', '/commands/T0/'])
      redact(start + filled(piece).slice(0, size / 8));

    expect(cpuTimeMs()).toBeLessThan(10_000);
  });

  test('and a secret at its end is still found', () => {
    expect(redact(`${filled('lorem ipsum ')} ${key}`)).not.toContain(key);
  });
});
