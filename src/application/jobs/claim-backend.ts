import type { ClaimedBackend } from '../ports/server-account-store.ts';
import type { Store } from '../ports/store.ts';

/** The accounts in the database belong to the other backend. */
export class OtherBackendError extends Error {
  override name = 'OtherBackendError';

  constructor(wanted: 'builtin' | 'wandb') {
    super(
      wanted === 'wandb'
        ? 'The accounts in the database are stored in Keysmith, but the settings use a W&B server as the backend. Set DATABASE_URL to another file, or set KEYSMITH_BACKEND=builtin.'
        : 'The accounts in the database are stored on a W&B server. Set WANDB_BASE_URL and WANDB_API_KEY again, with KEYSMITH_BACKEND=wandb, or set DATABASE_URL to another file.',
    );
  }
}

/** The accounts in the database belong to another W&B server, where the same IDs refer to other accounts. */
export class OtherServerError extends Error {
  override name = 'OtherServerError';

  constructor(address: string) {
    super(
      `The accounts in the database are stored on the W&B server at ${address}, but WANDB_BASE_URL names another address. Set WANDB_BASE_URL to that address again, or set DATABASE_URL to another file. If the same server moved and kept its accounts, set KEYSMITH_WANDB_MOVED_FROM=${address} for one start.`,
    );
  }
}

/**
 * Binds the organization permanently to a backend and its server.
 *
 * @throws OtherBackendError, OtherServerError, StoreUnavailableError
 */
export async function claimBackend(
  store: Pick<Store, 'claimBackend'>,
  backend: ClaimedBackend,
): Promise<void> {
  const claimed = await store.claimBackend(backend);
  if (claimed.ok) return;
  if (claimed.reason === 'other_server') throw new OtherServerError(claimed.address);
  throw new OtherBackendError(backend.kind);
}
