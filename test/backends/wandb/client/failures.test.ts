import { describe, expect, test } from 'vitest';
import type { WandbFailure } from '../../../../src/backends/wandb/client/wandb-failure.ts';
import { MUTATION, QUERY, startClient } from './client-on-server.ts';
import { html, json, type Responder, status } from './wandb-server.ts';

const denied = { errors: [{ message: 'permission denied', path: ['answer'] }], data: { answer: null } };

/** The response, and the failure of a mutation; a query fails alike, except that it can't have had an effect. */
const failures: [name: string, responder: Responder, failure: WandbFailure][] = [
  ['401', status(401), { reason: 'unauthorized', mayHaveHappened: false }],
  ['403', status(403), { reason: 'forbidden', messages: [], mayHaveHappened: false }],
  [
    '403 with errors',
    json(denied, 403),
    { reason: 'forbidden', messages: ['permission denied'], mayHaveHappened: false },
  ],
  ['404 with a page', html(404), { reason: 'not_found', messages: [], mayHaveHappened: false }],
  [
    '404 with errors',
    json({ errors: ['no such entity'] }, 404),
    { reason: 'not_found', messages: ['no such entity'], mayHaveHappened: false },
  ],
  ['409', status(409), { reason: 'conflict', messages: [], mayHaveHappened: false }],
  ['405', html(405), { reason: 'refused', status: 405, messages: [], mayHaveHappened: false }],
  ['408', status(408), { reason: 'refused', status: 408, messages: [], mayHaveHappened: true }],
  [
    '400 with errors',
    json({ errors: [{ message: 'Cannot query field "answer"' }] }, 400),
    { reason: 'errors', messages: ['Cannot query field "answer"'], mayHaveHappened: false },
  ],
  [
    '400 without errors',
    status(400),
    { reason: 'refused', status: 400, messages: [], mayHaveHappened: false },
  ],
  [
    '429',
    status(429, { 'retry-after': '60' }),
    { reason: 'rate_limited', retryAfterSeconds: 60, mayHaveHappened: true },
  ],
  [
    '429 without Retry-After',
    status(429),
    { reason: 'rate_limited', retryAfterSeconds: undefined, mayHaveHappened: true },
  ],
  ...[500, 501, 502, 503, 504, 599].map((code): [string, Responder, WandbFailure] => [
    String(code),
    html(code),
    {
      reason: 'server_error',
      status: code,
      retryAfterSeconds: undefined,
      messages: [],
      mayHaveHappened: true,
    },
  ]),
  ['a login page', html(), { reason: 'not_json', mayHaveHappened: true }],
  ['an empty body', status(200), { reason: 'not_json', mayHaveHappened: true }],
  ['204', status(204), { reason: 'not_json', mayHaveHappened: true }],
  [
    'errors with partial data',
    json(denied),
    { reason: 'errors', messages: ['permission denied'], mayHaveHappened: true },
  ],
  [
    'errors with complete data',
    json({ errors: [{ message: 'late' }], data: { answer: 1 } }),
    { reason: 'errors', messages: ['late'], mayHaveHappened: true },
  ],
  [
    'errors without data',
    json({ errors: [{ message: 'syntax' }] }),
    { reason: 'errors', messages: ['syntax'], mayHaveHappened: false },
  ],
  [
    'errors that are an object',
    json({ errors: { message: 'odd' }, data: null }),
    { reason: 'errors', messages: ['odd'], mayHaveHappened: true },
  ],
  [
    'errors without messages',
    json({ errors: [1, null, {}], data: null }),
    { reason: 'errors', messages: [], mayHaveHappened: true },
  ],
  [
    'a value of the wrong type',
    json({ data: { answer: 'forty-two' } }),
    { reason: 'unexpected_shape', paths: ['data.answer'], mayHaveHappened: true },
  ],
  [
    'data that is null',
    json({ data: null }),
    { reason: 'unexpected_shape', paths: ['data'], mayHaveHappened: true },
  ],
  [
    'JSON without data',
    json({ error: 'log in first' }),
    { reason: 'unexpected_shape', paths: ['data'], mayHaveHappened: true },
  ],
  ['a list', json([]), { reason: 'unexpected_shape', paths: [''], mayHaveHappened: true }],
  ['a number', json(42), { reason: 'unexpected_shape', paths: [''], mayHaveHappened: true }],
];

describe('the failure of a call', () => {
  test.each(failures)('is reported for %s', async (_, responder, failure) => {
    await using setup = await startClient();
    setup.server.respondWith(responder);

    expect(await setup.client.call(MUTATION, {})).toEqual({ ok: false, failure });
    expect(await setup.client.call(QUERY, {})).toEqual({
      ok: false,
      failure: { ...failure, mayHaveHappened: false },
    });
  });

  test('is not reported for data with errors that are empty or null', async () => {
    await using setup = await startClient();
    setup.server.respondWith(
      json({ errors: [], data: { answer: 1 } }),
      json({ errors: null, data: { answer: 2 } }),
    );

    expect(await setup.client.call(QUERY, {})).toEqual({ ok: true, value: { answer: 1 } });
    expect(await setup.client.call(QUERY, {})).toEqual({ ok: true, value: { answer: 2 } });
  });

  test('quotes only the beginning of many long error messages', async () => {
    await using setup = await startClient();
    setup.server.respondWith(json({ errors: Array(50).fill({ message: 'no '.repeat(20_000) }), data: null }));

    const result = await setup.client.call(QUERY, {});

    if (result.ok || result.failure.reason !== 'errors')
      throw new Error('The call did not fail as expected.');
    expect(result.failure.messages).toHaveLength(5);
    for (const message of result.failure.messages) expect(message.length).toBeLessThanOrEqual(300);
  });
});
