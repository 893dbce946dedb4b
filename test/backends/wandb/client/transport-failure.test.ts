import { describe, expect, test } from 'vitest';
import { transportFailure } from '../../../../src/backends/wandb/client/wandb-failure.ts';

/** As undici throws it. */
function fetchFailed(cause: unknown): TypeError {
  return new TypeError('fetch failed', { cause });
}

function systemError(code: string, syscall?: string): Error {
  return Object.assign(new Error('words'), { code, ...(syscall === undefined ? {} : { syscall }) });
}

describe('Before anything was sent', () => {
  test.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'UND_ERR_CONNECT_TIMEOUT',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
  ])('%s says that the server is unreachable', (code) => {
    expect(transportFailure(fetchFailed(systemError(code)))).toEqual({
      reason: 'unreachable',
      code,
      mayHaveHappened: false,
    });
  });

  test.each(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET'])(
    '%s of the connecting says so too',
    (code) => {
      expect(transportFailure(fetchFailed(systemError(code, 'connect')))).toMatchObject({
        reason: 'unreachable',
        code,
      });
    },
  );

  test('several addresses that fail each say so', () => {
    const error = new AggregateError([
      systemError('EHOSTUNREACH', 'connect'),
      systemError('ETIMEDOUT', 'connect'),
    ]);
    Object.assign(error, { code: 'EHOSTUNREACH' });

    expect(transportFailure(fetchFailed(error))).toMatchObject({
      reason: 'unreachable',
      code: 'EHOSTUNREACH',
    });
  });

  test('a proxy that does not connect is named by its status', () => {
    const error = Object.assign(new Error('Proxy response (407) !== 200 when HTTP Tunneling'), {
      code: 'UND_ERR_ABORTED',
    });

    expect(transportFailure(fetchFailed(error))).toEqual({
      reason: 'unreachable',
      code: 'PROXY_407',
      mayHaveHappened: false,
    });
  });
});

describe('Once something may have been sent', () => {
  test.each([
    'ECONNRESET',
    'ETIMEDOUT',
    'EPIPE',
    'UND_ERR_SOCKET',
    'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
  ])('%s says that the connection was lost', (code) => {
    expect(transportFailure(fetchFailed(systemError(code, 'read')))).toEqual({
      reason: 'connection_lost',
      code,
      mayHaveHappened: true,
    });
  });

  test.each([
    undefined,
    'text',
    new Error('no code'),
    systemError('lower case, with words'),
    { code: 42 },
    { code: 'A'.repeat(100) },
    new AggregateError([]),
  ])('an error that nobody knows says so too (%s)', (error) => {
    expect(transportFailure(error)).toEqual({
      reason: 'connection_lost',
      code: 'UNKNOWN',
      mayHaveHappened: true,
    });
  });

  test('an error that is its own cause ends', () => {
    const error: Error = new Error('round');
    error.cause = error;

    expect(transportFailure(error)).toMatchObject({ code: 'UNKNOWN' });
  });
});
