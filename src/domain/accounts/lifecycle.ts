/** The states of a service account. Every other property of its lifecycle is derived from them. */
export const LIFECYCLE_STATES = ['provisioning', 'active', 'revoking', 'revoked', 'failed'] as const;

/**
 * `provisioning`: reserves the name and the identity, and isn't shown to anyone. `revoking`: a W&B server hasn't deleted it yet.
 * `failed`: it never became active.
 */
export type LifecycleState = (typeof LIFECYCLE_STATES)[number];

const NEXT: Record<LifecycleState, readonly LifecycleState[]> = {
  provisioning: ['active', 'failed'],
  // With the built-in backend, an active account is revoked directly.
  active: ['revoking', 'revoked'],
  revoking: ['revoked'],
  revoked: [],
  failed: [],
};

export function canBecome(from: LifecycleState, to: LifecycleState): boolean {
  return NEXT[from].includes(to);
}

/** Returns the states that allow a change to this one. */
export function statesBefore(to: LifecycleState): LifecycleState[] {
  return LIFECYCLE_STATES.filter((from) => canBecome(from, to));
}

/** Returns whether the state is final. The account's name and identity can then be used again. */
export function hasEnded(state: LifecycleState): boolean {
  return NEXT[state].length === 0;
}
