import { describe, expect, test } from 'vitest';
import { failureText } from '../../../src/sandbox/demo-run/outcome-text.ts';
import type { WireFailure } from '../../../src/sandbox/demo-run/wandb-wire.ts';

const baseUrl = 'https://keysmith.acme.test';
const status = (code: number, message?: string, path = '/graphql'): WireFailure => ({
  kind: 'status',
  status: code,
  path,
  message,
  retryAfterSeconds: code === 503 ? 20 : undefined,
});

describe('The text of a failed demo run', () => {
  test.each<[WireFailure, RegExp]>([
    [
      status(401, 'Keysmith doesn’t know this key'),
      /refused the key \(401\)\. Keysmith doesn’t know this key\. Check /,
    ],
    [
      status(401),
      /refused the key \(401\)\. Check .* https:\/\/keysmith\.acme\.test is the server that issued it\.$/,
    ],
    [status(403, 'The project is restricted.'), /doesn’t allow this \(403\)\. The project is restricted\.$/],
    [status(404), /has no W&B API \(404\)\. Set WANDB_BASE_URL to the address of Keysmith/],
    [status(404, undefined, '/files/a/b/c/file_stream'), /doesn’t know the run/],
    [
      status(503, 'W&B is down.'),
      /at the moment \(503\)\. W&B is down\. Try again in 20 seconds; .*upstream check/,
    ],
    [status(504), /Try again in 60 seconds/],
    [status(429), /rate-limiting requests \(429\)/],
    [status(302), /redirects to another address \(302\)/],
    [status(400, 'Cannot query field "upsertBucket" on type "Mutation".'), /KEYSMITH_UPSTREAM_URL/],
    [status(500), /returned 500\.$/],
    [
      { kind: 'graphql', message: 'Cannot query field "upsertBucket" on type "Mutation".' },
      /KEYSMITH_UPSTREAM_URL/,
    ],
    [{ kind: 'graphql', message: 'Ask ada@acme.test' }, /refused the request: Ask ada@acme\.test\.$/],
    [{ kind: 'no_response', reason: 'ECONNREFUSED' }, /Nothing listens at .*npm start/],
    [{ kind: 'no_response', reason: 'ENOTFOUND' }, /wasn’t found/],
    [{ kind: 'no_response', reason: 'ETIMEDOUT' }, /didn’t respond in time/],
    [{ kind: 'no_response', reason: 'SELF_SIGNED_CERT_IN_CHAIN' }, /NODE_EXTRA_CA_CERTS/],
    [{ kind: 'no_response', reason: 'ECONNRESET' }, /broke \(ECONNRESET\)/],
    [{ kind: 'unexpected', path: '/graphql' }, /isn’t W&B’s/],
  ])('%j says what happened and what to do', (failure, expected) => {
    const text = failureText(failure, { baseUrl });
    expect(text).toMatch(expected);
    expect(text).not.toContain('undefined');
  });
});
