import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readNewServiceAccountKey } from '../../../../src/backends/wandb/client/queries/read-new-key.ts';
import { createTextCleaner } from '../../../../src/backends/wandb/client/server-text.ts';
import { Secret } from '../../../../src/domain/keys/secret.ts';
import { API_KEY, MUTATION, QUERY, startClient } from './client-on-server.ts';
import { type Answer, cut, data, html, json, silence, status } from './wandb-server.ts';

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

const answers: [name: string, answer: Answer][] = [
  ['a value', data({ answer: 1, apiKey: OTHER_KEY })],
  [
    'errors',
    json({ errors: [{ message: echo, extensions: { key: OTHER_KEY } }, echo], data: { key: OTHER_KEY } }),
  ],
  ['errors beside 403', json({ errors: [{ message: echo }] }, 403)],
  ['errors beside 409', json({ errors: [{ message: echo }] }, 409)],
  ['errors beside 500', json({ errors: [{ message: echo }] }, 500)],
  ['errors beside 400', json({ errors: [{ message: echo }] }, 400)],
  ['another shape', data({ answer: OTHER_KEY, [API_KEY]: API_KEY })],
  ['a page', (response) => void response.end(`<html>${echo}</html>`)],
  ['a page beside 502', (response) => void response.writeHead(502).end(echo)],
  ['a redirect with secrets', status(302, { location: `https://${API_KEY}.example.com/?k=${OTHER_KEY}` })],
  ['a redirect to a user', status(307, { location: `https://api:${API_KEY}@example.com/` })],
  ['Retry-After with a secret', status(429, { 'retry-after': API_KEY })],
  ['a log-in page', html()],
  ['a cut connection', cut],
  ['silence', silence],
];

describe('No secret is in a log line or a failure', () => {
  test.each(answers)('after %s', async (_, answer) => {
    await using on = await startClient({ limits: { timeoutMs: 100 } });
    on.server.answer(answer);

    const results = [await on.client.call(QUERY, {}), await on.client.call(MUTATION, {})];

    const told = inspect({ results, lines: on.lines, client: on.client }, { depth: 20, showHidden: true });
    for (const secret of SECRETS) expect(told).not.toContain(secret);
    expect(on.lines).toHaveLength(2);
  });

  test('when an account’s key was read', async () => {
    await using on = await startClient();
    on.server.answer(
      data({
        entity: {
          members: [
            { id: 'a', name: 'nightly-eval', accountType: 'SERVICE', apiKey: OTHER_KEY },
            { id: 'b', name: 'ada', accountType: 'USER', apiKey: API_KEY },
          ],
        },
      }),
    );

    const result = await readNewServiceAccountKey(on.client, 'team', { memberId: 'a', name: 'nightly-eval' });

    const told =
      inspect({ result, lines: on.lines }, { depth: 20, showHidden: true }) + JSON.stringify(result);
    for (const secret of SECRETS) expect(told).not.toContain(secret);
  });
});

describe('The log', () => {
  test('has one line at debug for a call that went well', async () => {
    await using on = await startClient();
    on.server.answer(status(503), data({ answer: 1 }));

    await on.client.call(QUERY, {});

    expect(on.lines).toEqual([
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

  test('has one line at warn for a call that failed, with what failed', async () => {
    await using on = await startClient();
    on.server.answer(json({ errors: [{ message: 'quota exceeded' }] }, 403));

    await on.client.call(MUTATION, {});

    expect(on.lines).toEqual([
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

describe('A message of the server', () => {
  const { message } = createTextCleaner(new Secret('short-key'));

  test.each([
    ['keeps its words', 'team "ml-platform" has no such member', 'team "ml-platform" has no such member'],
    [
      'keeps names made of words',
      'nightly-evaluation-pipeline-production',
      'nightly-evaluation-pipeline-production',
    ],
    ['keeps addresses', 'alice.smith@example.com', 'alice.smith@example.com'],
    ['is one line', 'a\r\nb\u2028c\0d', 'a b c d'],
    ['has no characters that nobody sees', 'pass\u200bword \u202egnp', 'password gnp'],
    ['loses the key itself, of any shape', 'the short-key!', 'the [redacted]!'],
    ['loses what looks like a key', `no: ${'a1'.repeat(20)}.`, 'no: [redacted].'],
    [
      'loses a token of several parts',
      `eyJ${'a1'.repeat(20)}.eyJ${'b2'.repeat(20)}`,
      '[redacted].[redacted]',
    ],
  ])('%s', (_, text, cleaned) => {
    expect(message(text)).toBe(cleaned);
  });

  test('shows no part of a secret that a cut went through', () => {
    const secret = 'a1b2'.repeat(10);
    for (let before = 9_950; before <= 10_000; before += 2) {
      expect(message(`${'x1'.repeat(before / 2)} ${secret} and more`)).not.toContain('a1');
    }
  });
});
