import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readNewServiceAccountKey } from '../../../../src/backends/wandb/client/queries/read-new-key.ts';
import { createTextCleaner } from '../../../../src/backends/wandb/client/server-text.ts';
import { Secret } from '../../../../src/domain/keys/secret.ts';
import { API_KEY, MUTATION, QUERY, startClient } from './client-on-server.ts';
import { cut, data, html, json, type Responder, silence, status } from './wandb-server.ts';

const OTHER_KEY = 'wandb_v1_Xy9AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_aBcDeFgHiJkLm';
const BASIC = Buffer.from(`api:${API_KEY}`).toString('base64');
const SECRETS = [
  API_KEY,
  API_KEY.slice(4, 30),
  BASIC,
  BASIC.slice(0, 30),
  OTHER_KEY,
  OTHER_KEY.slice(10, 40),
];

const echo = `key ${API_KEY} of Basic ${BASIC}, like ${OTHER_KEY}`;

const responders: [name: string, responder: Responder][] = [
  ['a value', data({ answer: 1, apiKey: OTHER_KEY })],
  [
    'errors',
    json({ errors: [{ message: echo, extensions: { key: OTHER_KEY } }, echo], data: { key: OTHER_KEY } }),
  ],
  ['errors with 403', json({ errors: [{ message: echo }] }, 403)],
  ['errors with 409', json({ errors: [{ message: echo }] }, 409)],
  ['errors with 500', json({ errors: [{ message: echo }] }, 500)],
  ['errors with 400', json({ errors: [{ message: echo }] }, 400)],
  ['an unexpected shape', data({ answer: OTHER_KEY, [API_KEY]: API_KEY })],
  ['a page with secrets', (response) => void response.end(`<html>${echo}</html>`)],
  ['a page with 502', (response) => void response.writeHead(502).end(echo)],
  ['a redirect with secrets', status(302, { location: `https://${API_KEY}.example.com/?k=${OTHER_KEY}` })],
  ['a redirect with credentials', status(307, { location: `https://api:${API_KEY}@example.com/` })],
  ['Retry-After with a secret', status(429, { 'retry-after': API_KEY })],
  ['a login page', html()],
  ['a broken connection', cut],
  ['a timeout', silence],
];

describe('log lines and failures contain no secret', () => {
  test.each(responders)('after a call that gets %s', async (_, responder) => {
    await using setup = await startClient({ limits: { timeoutMs: 100 } });
    setup.server.respondWith(responder);

    const results = [await setup.client.call(QUERY, {}), await setup.client.call(MUTATION, {})];

    const output = inspect(
      { results, lines: setup.lines, client: setup.client },
      { depth: 20, showHidden: true },
    );
    for (const secret of SECRETS) expect(output).not.toContain(secret);
    expect(setup.lines).toHaveLength(2);
  });

  test('after a call that reads the key of an account', async () => {
    await using setup = await startClient();
    setup.server.respondWith(
      data({
        entity: {
          members: [
            { id: 'a', name: 'nightly-eval', accountType: 'SERVICE', apiKey: OTHER_KEY },
            { id: 'b', name: 'ada', accountType: 'USER', apiKey: API_KEY },
          ],
        },
      }),
    );

    const result = await readNewServiceAccountKey(setup.client, 'team', 'nightly-eval');

    const output =
      inspect({ result, lines: setup.lines }, { depth: 20, showHidden: true }) + JSON.stringify(result);
    for (const secret of SECRETS) expect(output).not.toContain(secret);
  });
});

describe('the log of the client', () => {
  test('has one debug line for a call that succeeds', async () => {
    await using setup = await startClient();
    setup.server.respondWith(status(503), data({ answer: 1 }));

    await setup.client.call(QUERY, {});

    expect(setup.lines).toEqual([
      {
        level: 20,
        time: expect.any(Number),
        operation: 'Ask',
        status: 200,
        tries: 2,
        durationMs: 125,
        msg: 'W&B call succeeded',
      },
    ]);
  });

  test('has one warning with the failure for a call that fails', async () => {
    await using setup = await startClient();
    setup.server.respondWith(json({ errors: [{ message: 'quota exceeded' }] }, 403));

    await setup.client.call(MUTATION, {});

    expect(setup.lines).toEqual([
      {
        level: 40,
        time: expect.any(Number),
        operation: 'Do',
        status: 403,
        reason: 'forbidden',
        messages: ['quota exceeded'],
        mayHaveHappened: false,
        tries: 1,
        durationMs: 0,
        msg: 'W&B call failed',
      },
    ]);
  });
});

describe('a cleaned message of the server', () => {
  const { message } = createTextCleaner(new Secret('short-key'));

  test.each([
    ['keeps ordinary text', 'team "ml-platform" has no such member', 'team "ml-platform" has no such member'],
    [
      'keeps names made of words',
      'nightly-evaluation-pipeline-production',
      'nightly-evaluation-pipeline-production',
    ],
    ['keeps email addresses', 'alice.smith@example.com', 'alice.smith@example.com'],
    ['has a single line', 'a\r\nb\u2028c\0d', 'a b c d'],
    ['has no invisible characters', 'pass\u200bword \u202egnp', 'password gnp'],
    ['has the API key redacted, whatever its format', 'the short-key!', 'the [redacted]!'],
    ['has text that looks like a key redacted', `no: ${'a1'.repeat(20)}.`, 'no: [redacted].'],
    [
      'has a token of several parts redacted',
      `eyJ${'a1'.repeat(20)}.eyJ${'b2'.repeat(20)}`,
      '[redacted].[redacted]',
    ],
  ])('%s', (_, text, cleaned) => {
    expect(message(text)).toBe(cleaned);
  });

  test('contains no part of a secret at which the text was truncated', () => {
    const secret = 'a1b2'.repeat(10);
    for (let before = 9_950; before <= 10_000; before += 2) {
      expect(message(`${'x1'.repeat(before / 2)} ${secret} and more`)).not.toContain('a1');
    }
  });
});
