import { UnreadableSigningKeyError } from '../application/authority/signing-keys.ts';
import { OtherBackendError, OtherServerError } from '../application/jobs/claim-backend.ts';
import { WrongSecretError } from '../backends/builtin/peppers.ts';
import { SlackTokenRejectedError } from '../slack/web/token-rejection.ts';
import { DatabaseRefusedError } from '../store/sqlite-store.ts';
import { exitCode } from './exit-code.ts';
import { OtherOrganizationError, TeamOfSlackError } from './start-backend.ts';

/** The sandbox's page can't be built: its packages aren't installed, or this is a container image. */
export class SandboxUnavailableError extends Error {
  override name = 'SandboxUnavailableError';

  constructor(options: { cause: unknown }) {
    super(
      'The sandbox needs the development dependencies: run "npm ci" without --omit=dev. To run for a workspace instead, set SLACK_BOT_TOKEN, and SLACK_SIGNING_SECRET or SLACK_APP_TOKEN.',
      options,
    );
  }
}

/** Compared by name: importing a class would load the sandbox, which a container image doesn't contain. */
function isNamed(
  error: unknown,
  name: 'SandboxFolderInUseError' | 'UnknownWandbVersionError',
): error is Error {
  return error instanceof Error && error.name === name;
}

/**
 * Returns the exit code and the log line for an error of the start. An error that an operator can fix becomes one sentence;
 * any other is a bug, and its stack is logged.
 */
export function startFailure(
  error: unknown,
  port: number,
): { exit: number; message: string; details: Record<string, unknown> } {
  if (error instanceof DatabaseRefusedError) {
    return { exit: exitCode.failure, message: error.message, details: { reason: error.reason } };
  }
  const isSettingsError =
    error instanceof WrongSecretError ||
    error instanceof UnreadableSigningKeyError ||
    error instanceof OtherOrganizationError ||
    error instanceof OtherBackendError ||
    error instanceof OtherServerError ||
    error instanceof TeamOfSlackError ||
    error instanceof SlackTokenRejectedError ||
    error instanceof SandboxUnavailableError;
  if (isSettingsError) return { exit: exitCode.settings, message: error.message, details: {} };
  if (isNamed(error, 'SandboxFolderInUseError')) {
    return { exit: exitCode.failure, message: error.message, details: {} };
  }
  if (isNamed(error, 'UnknownWandbVersionError')) {
    return { exit: exitCode.usage, message: error.message, details: {} };
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    const usedPort = 'port' in error ? error.port : port;
    const message = `Port ${usedPort} is already in use. Stop the other program, or set PORT to a different port.`;
    return { exit: exitCode.failure, message, details: {} };
  }
  return { exit: exitCode.failure, message: 'Keysmith failed to start', details: { err: error } };
}
