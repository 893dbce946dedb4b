import { UnreadableSigningKeyError } from '../application/authority/signing-keys.ts';
import { OtherBackendError, OtherServerError } from '../application/jobs/claim-backend.ts';
import { WrongSecretError } from '../backends/builtin/peppers.ts';
import { SlackTokenRefusedError } from '../slack/web/web-client.ts';
import { DatabaseRefusedError } from '../store/sqlite-store.ts';
import { exitCode } from './exit-code.ts';
import { OtherOrganizationError } from './start-backend.ts';

/** How a failed start ends: what somebody can mend is one sentence; anything else is a bug and shows where it happened. */
export function startFailure(
  error: unknown,
  port: number,
): { exit: number; message: string; details: Record<string, unknown> } {
  if (error instanceof DatabaseRefusedError) {
    return { exit: exitCode.failure, message: error.message, details: { reason: error.reason } };
  }
  const isSetting =
    error instanceof WrongSecretError ||
    error instanceof UnreadableSigningKeyError ||
    error instanceof OtherOrganizationError ||
    error instanceof OtherBackendError ||
    error instanceof OtherServerError ||
    error instanceof SlackTokenRefusedError;
  if (isSetting) return { exit: exitCode.settings, message: error.message, details: {} };
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    const taken = 'port' in error ? error.port : port;
    const message = `Port ${taken} is in use by another program. End that one, or set PORT to another.`;
    return { exit: exitCode.failure, message, details: {} };
  }
  return { exit: exitCode.failure, message: 'Keysmith could not start', details: { err: error } };
}
