import type { Capabilities } from '../../capabilities.ts';
import type { Caller } from '../../permissions.ts';
import type { WandbState } from '../../wandb-state.ts';

/** What every resolver gets as GraphQL's context. */
export interface RequestContext {
  state: WandbState;
  caller: Caller;
  capabilities: Readonly<Capabilities>;
  now: () => number;
}

/** Relay's: what came comes back. */
export interface MutationInput {
  clientMutationId?: string | null;
}
