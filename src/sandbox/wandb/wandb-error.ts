/**
 * A refusal as W&B words and numbers it: the HTTP status follows the error, also for GraphQL.
 * See https://github.com/wandb/wandb/issues/8609 (403) and https://github.com/wandb/wandb/pull/11749 (404).
 */
export class WandbError extends Error {
  readonly status: number;
  readonly code: string | undefined;

  constructor(message: string, { status, code }: { status: number; code?: string }) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const notLoggedIn = () =>
  new WandbError('user is not logged in', { status: 401, code: 'PERMISSION_ERROR' });

export const permissionDenied = (status: 401 | 403 = 403) =>
  new WandbError('permission denied', { status, code: 'PERMISSION_ERROR' });

export const notFound = (what: string, operation: string) =>
  new WandbError(`${what} not found during ${operation}`, { status: 404 });
