import { describe, expect, test } from 'vitest';
import { transportFailure } from '../../../../src/backends/wandb/client/wandb-failure.ts';

/** The way undici throws errors. */
function fetchFailed(cause: unknown): TypeError {
  return new TypeError('fetch failed', { cause });
}

function systemError(code: string, syscall?: string): Error {
  return Object.assign(new Error('message'), { code, ...(syscall === undefined ? {} : { syscall }) });
}

describe('an error before the request was sent', () => {
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
  ])('with the code %s means that the server is unreachable', (code) => {
    expect(transportFailure(fetchFailed(systemError(code)))).toEqual({
      reason: 'unreachable',
      code,
      mayHaveHappened: false,
    });
  });

  test.each(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET'])(
    'with the code %s while connecting means that the server is unreachable',
    (code) => {
      expect(transportFailure(fetchFailed(systemError(code, 'connect')))).toMatchObject({
        reason: 'unreachable',
        code,
      });
    },
  );

  test('for each of several addresses means that the server is unreachable', () => {
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

  test('of a proxy is reported with the status of the proxy', () => {
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

describe('an error after the request may have been sent', () => {
  test.each([
    'ECONNRESET',
    'ETIMEDOUT',
    'EPIPE',
    'UND_ERR_SOCKET',
    'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
  ])('with the code %s means that the connection was lost', (code) => {
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
    systemError('lowercase, with spaces'),
    { code: 42 },
    { code: 'A'.repeat(100) },
    new AggregateError([]),
  ])('of an unknown kind means that the connection was lost (%s)', (error) => {
    expect(transportFailure(error)).toEqual({
      reason: 'connection_lost',
      code: 'UNKNOWN',
      mayHaveHappened: true,
    });
  });

  test('may be its own cause', () => {
    const error: Error = new Error('round');
    error.cause = error;

    expect(transportFailure(error)).toMatchObject({ code: 'UNKNOWN' });
  });
});
