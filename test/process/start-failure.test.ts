import { describe, expect, it } from 'vitest';
import { UnreadableSigningKeyError } from '../../src/application/authority/signing-keys.ts';
import { OtherBackendError, OtherServerError } from '../../src/application/jobs/claim-backend.ts';
import { WrongSecretError } from '../../src/backends/builtin/peppers.ts';
import { OtherOrganizationError } from '../../src/bootstrap/start-backend.ts';
import { startFailure } from '../../src/bootstrap/start-failure.ts';
import { DatabaseRefusedError } from '../../src/store/sqlite-store.ts';

/** `start-refused.test.ts` covers the same with real processes. */
describe('A failed start', () => {
  it.each([
    ['the wrong KEYSMITH_SECRET', new WrongSecretError()],
    ['a signing key that KEYSMITH_SECRET can’t open', new UnreadableSigningKeyError('sig_1', 'access_token')],
    ['a database of another organization', new OtherOrganizationError()],
    ['a database of the other backend', new OtherBackendError('wandb')],
    ['a database of another W&B server', new OtherServerError('https://wandb.acme.test')],
  ])('exits with 78 and one sentence on what to set for %s', (_name, error) => {
    expect(startFailure(error, 3000)).toEqual({ exit: 78, message: error.message, details: {} });
  });

  it('exits with 1 and one line when the database can’t be used', () => {
    const error = new DatabaseRefusedError('damaged', '/data/keysmith.db');
    expect(startFailure(error, 3000)).toMatchObject({ exit: 1, message: error.message });
  });

  it('exits with 1 and names the port that is in use', () => {
    const error = Object.assign(new Error('listen'), { code: 'EADDRINUSE', port: 3001 });
    expect(startFailure(error, 3000)).toMatchObject({
      exit: 1,
      message: expect.stringContaining('Port 3001'),
    });
  });

  it('exits with 1 and logs the stack of an unexpected error', () => {
    const error = new TypeError('a bug');
    expect(startFailure(error, 3000)).toMatchObject({ exit: 1, details: { err: error } });
  });
});
