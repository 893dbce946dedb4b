import { CompactEncrypt, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { drawApiKey, formatApiKey } from '../../src/domain/keys/api-key.ts';
import { createRedaction } from '../../src/log/redaction.ts';
import { startCpuTime } from '../cpu-time.ts';

const redact = createRedaction([]);

const key = formatApiKey(drawApiKey((size) => new Uint8Array(size).map((_, index) => index * 7)));
const KEY = new Uint8Array(32).fill(1);
const jwt = await new SignJWT({ sub: 'x' }).setProtectedHeader({ alg: 'HS256' }).sign(KEY);
const jwtWithCertificates = await new SignJWT({ sub: 'x' })
  .setProtectedHeader({ alg: 'HS256', x5c: ['A'.repeat(2_000)] })
  .sign(KEY);
const jwe = await new CompactEncrypt(new TextEncoder().encode('secret'))
  .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'view-1' })
  .encrypt(KEY);
const HEX_KEY = '0123456789abcdef0123456789abcdef01234567';
const MIXED_KEY = 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5kL7n';

/** Texts with the part of each that must not remain. */
const secrets: [what: string, text: string, secret: string][] = [
  ['an API key', key, key.slice(22)],
  ['a truncated API key', key.slice(0, 40), key.slice(22, 40)],
  ['a bot token', 'xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx', 'AbCdEfGhIjKlMnOpQrStUvWx'],
  ['a user token', 'xoxp-123456789012-AbCdEfGh', 'AbCdEfGh'],
  ['a rotated token', 'xoxe.xoxb-1-MjphYmNkZWY', 'MjphYmNkZWY'],
  ['a refresh token', 'xoxe-1-MjphYmNkZWY', 'MjphYmNkZWY'],
  ['an app token', 'xapp-1-A0123456789-1234567890123-abcdef0123456789', 'abcdef0123456789'],
  ['a workflow token', 'xwfp-1234567-abcdef', 'abcdef'],
  [
    'the response URL of a command',
    'https://hooks.slack.com/commands/T0123ABCD/456789/aBcDeFgHiJ',
    'aBcDeFgHiJ',
  ],
  [
    'the response URL of a button',
    'https://hooks.slack.com/actions/T0123ABCD/456789/aBcDeFgHiJ',
    'aBcDeFgHiJ',
  ],
  [
    'the response URL of an organization',
    'https://hooks.slack.com/app/E0123ABCD/456789/aBcDeFgHiJ',
    'aBcDeFgHiJ',
  ],
  ['an incoming webhook', 'https://hooks.slack.com/services/T0123ABCD/B456789/aBcDeFgHiJ', 'aBcDeFgHiJ'],
  [
    'a response URL with a query',
    'https://hooks.slack.com/commands/T0123ABCD/4/x?y=aBcDeFgHiJ',
    'aBcDeFgHiJ',
  ],
  [
    'the URL of a socket',
    'wss://wss-primary.slack.com/link/?ticket=0a1b2c3d-4e5f&app_id=0f1e2d',
    '0a1b2c3d-4e5f',
  ],
  [
    'the hash of the app in the URL of a socket',
    'wss://wss-primary.slack.com/link/?ticket=0a1b2c3d-4e5f&app_id=0f1e2d',
    '0f1e2d',
  ],
  ['a JWT', jwt, jwt.slice(40)],
  ['a JWT with a header of 2,700 characters', jwtWithCertificates, jwtWithCertificates.slice(-20)],
  ['a JWE', jwe, jwe.slice(-20)],
  ['a W&B key', HEX_KEY, HEX_KEY],
  ['a W&B key with a prefix', `local-${HEX_KEY}`, HEX_KEY],
  ['a W&B key in mixed case', `acme-${MIXED_KEY}`, MIXED_KEY],
  [
    'a W&B key with hyphens',
    `wandb-v2-${MIXED_KEY.slice(0, 20)}-${MIXED_KEY.slice(20)}`,
    MIXED_KEY.slice(20),
  ],
  ['a W&B key of the newer format', `wandb_v1_${MIXED_KEY}`, MIXED_KEY],
  ['a password in the URL of a proxy', 'http://ada:hunter2#x@proxy.acme.test:3128', 'hunter2#x'],
  ['a password with an @ in a URL', 'https://ada:hunter@2@proxy.acme.test', 'hunter@2'],
  ['a Bearer header', 'Authorization: Bearer abcdef.0123456789~+/=', 'abcdef.0123456789'],
  ['a Basic header', 'authorization: basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNzd29yZA'],
  ['a JWT directly after a letter', `x${jwt}`, jwt.slice(-20)],
];

const places: [where: string, put: (text: string) => string][] = [
  ['on its own', (text) => text],
  ['in a sentence', (text) => `the value was ${text}, as expected.`],
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
    'in JSON that is nested three times',
    (text) => JSON.stringify(JSON.stringify(JSON.stringify({ value: text }).replaceAll('/', '\\/'))),
  ],
  [
    'at the start of a line within JSON',
    (text) => JSON.stringify({ err: `Error: invalid:\n${text}\n    at main` }),
  ],
  ['after a tab within JSON', (text) => JSON.stringify({ err: `invalid:\t${text}` })],
  ['after a color escape', (text) => JSON.stringify({ err: `\u001b${text}` })],
  ['twice in a line', (text) => `${text} ${text}`],
];

describe.each(places)('Redaction of a secret %s', (_where, put) => {
  test.each(secrets)('removes %s', (_what, text, secret) => {
    const line = put(text);
    expect(line.replaceAll('\\', '')).toContain(secret);

    const redacted = redact(line);

    expect(redacted.replaceAll('\\', '')).not.toContain(secret);
    expect(redacted).toContain('[redacted]');
  });
});

describe('Redaction of a secret in an encoded form', () => {
  const plain = secrets.filter(([what]) => !/Basic|Bearer|socket/.test(what) && !what.includes('query'));

  test.each(plain)('removes %s', (_what, text, secret) => {
    expect(redact(new URLSearchParams({ a: text, b: '1' }).toString())).not.toContain(secret);
  });
});

describe('Redaction of the given secrets', () => {
  const signingSecret = '0123456789abcdef0123456789abcdef';
  const keysmithSecret = Buffer.alloc(32, 251).toString('base64');
  const redactThese = createRedaction([signingSecret, keysmithSecret, 'short', '']);

  test('removes every occurrence, also within a word', () => {
    expect(redactThese(`a${signingSecret}b ${signingSecret}`)).toBe('a[redacted]b [redacted]');
  });

  test('removes base64 with and without its padding', () => {
    expect(redactThese(`secret: ${keysmithSecret}`)).not.toContain(keysmithSecret.slice(0, 20));
    expect(redactThese(`secret: ${keysmithSecret.replace('=', '')}`)).not.toContain(
      keysmithSecret.slice(0, 20),
    );
  });

  test('removes a secret with quotes and backslashes from JSON', () => {
    const secret = 'a"quoted\\secret';
    const redacted = createRedaction([secret])(JSON.stringify({ msg: `it was ${secret}` }));
    expect(redacted).toBe('{"msg":"it was [redacted]"}');
  });

  test('ignores secrets that are so short that they occur in ordinary text', () => {
    expect(redactThese('in short')).toBe('in short');
  });
});

describe('Redaction of a line without a secret', () => {
  test.each([
    '{"level":30,"time":"2026-11-24T03:51:29.000Z","requestId":"ks_8mG2kQp0ZxY4aB","msg":"service account created"}',
    '{"accountId":"sa_8mG2kQp0ZxY4aB","team":"ml-platform","keyId":"QKoqa1wkRQGF"}',
    'the app listens at http://127.0.0.1:3000/slack/events',
    '{"url":"https://wandb.acme.test","email":"ada@acme.test"}',
    'GET https://registry.test/@scope/name',
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
  ])('leaves the line unchanged: %s', (line) => {
    expect(redact(line)).toBe(line);
  });
});

describe('Redaction of a line of one megabyte', () => {
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
  ])('takes bounded time for %j repeated', (piece) => {
    const cpuTimeMs = startCpuTime();

    redact(filled(piece));
    for (const start of ['eyJaaaaaaaa.', 'Bearer ', '/commands/T0/'])
      redact(start + filled(piece).slice(0, size / 8));

    expect(cpuTimeMs()).toBeLessThan(10_000);
  });

  test('still removes a secret at the end', () => {
    expect(redact(`${filled('lorem ipsum ')} ${key}`)).not.toContain(key);
  });
});
