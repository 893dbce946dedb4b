import type { Store } from './ports/store.ts';

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

/** Ties the organization to a backend for good: accounts of the one mean nothing to the other. */
export async function claimBackend(
  store: Pick<Store, 'claimBackend'>,
  organizationId: string,
  backend: 'builtin' | 'wandb',
): Promise<void> {
  if (!(await store.claimBackend(organizationId, backend))) throw new OtherBackendError(backend);
}
