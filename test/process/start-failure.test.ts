import { describe, expect, it } from 'vitest';
import { UnreadableSigningKeyError } from '../../src/application/authority/signing-keys.ts';
import { OtherBackendError, OtherServerError } from '../../src/application/jobs/claim-backend.ts';
import { WrongSecretError } from '../../src/backends/builtin/peppers.ts';
import { OtherOrganizationError } from '../../src/bootstrap/start-backend.ts';
import { startFailure } from '../../src/bootstrap/start-failure.ts';
import { DatabaseRefusedError } from '../../src/store/sqlite-store.ts';

/** As processes end with it, tried in `start-refused.test.ts`. */
describe('A start that fails', () => {
  it.each([
    ['another KEYSMITH_SECRET', new WrongSecretError()],
    ['a signing key that it does not open', new UnreadableSigningKeyError('sig_1')],
    ['another organization', new OtherOrganizationError()],
    ['the other backend', new OtherBackendError('wandb')],
    ['another server', new OtherServerError('https://wandb.acme.test')],
  ])('ends with 78 and the sentence that says what to set: %s', (_name, error) => {
    expect(startFailure(error, 3000)).toEqual({ exit: 78, message: error.message, details: {} });
  });

  it('ends with 1 and one line where the database can’t be used', () => {
    const error = new DatabaseRefusedError('damaged', '/data/keysmith.db');
    expect(startFailure(error, 3000)).toMatchObject({ exit: 1, message: error.message });
  });

  it('ends with 1 and names the port that is taken', () => {
    const error = Object.assign(new Error('listen'), { code: 'EADDRINUSE', port: 3001 });
    expect(startFailure(error, 3000)).toMatchObject({
      exit: 1,
      message: expect.stringContaining('Port 3001'),
    });
  });

  it('ends with 1 and shows where a bug happened', () => {
    const error = new TypeError('a bug');
    expect(startFailure(error, 3000)).toMatchObject({ exit: 1, details: { err: error } });
  });
});
