import type { ClaimedBackend } from '../ports/operation-store.ts';
import type { Store } from '../ports/store.ts';

/** The accounts in the database live in the other backend. */
export class OtherBackendError extends Error {
  override name = 'OtherBackendError';

  constructor(wanted: 'builtin' | 'wandb') {
    super(
      wanted === 'wandb'
        ? 'The accounts in the database were issued by Keysmith itself, but WANDB_BASE_URL names a W&B server. Point DATABASE_URL at another file, or take WANDB_BASE_URL and WANDB_API_KEY away.'
        : 'The accounts in the database live on a W&B server. Set WANDB_BASE_URL and WANDB_API_KEY again, or point DATABASE_URL at another file.',
    );
  }
}

/** The accounts in the database live on another server: there, the same IDs belong to others. */
export class OtherServerError extends Error {
  override name = 'OtherServerError';

  constructor(address: string) {
    super(
      `The accounts in the database live on the W&B server at ${address}, but WANDB_BASE_URL names another address. Set WANDB_BASE_URL to that one again, or point DATABASE_URL at another file. Only if it is the very same server, with the same accounts, that has moved: set KEYSMITH_WANDB_MOVED_FROM=${address} for one start.`,
    );
  }
}

/** Ties the organization to a backend, and to its server, for good: accounts of the one mean nothing to the other. */
export async function claimBackend(
  store: Pick<Store, 'claimBackend'>,
  backend: ClaimedBackend,
): Promise<void> {
  const claimed = await store.claimBackend(backend);
  if (claimed.ok) return;
  if (claimed.reason === 'other_server') throw new OtherServerError(claimed.address);
  throw new OtherBackendError(backend.kind);
}
