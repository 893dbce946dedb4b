/** What a service account is. Everything else that is known of an account follows from it. */
export const LIFECYCLE_STATES = ['provisioning', 'active', 'revoking', 'revoked', 'failed'] as const;

/**
 * `provisioning` reserves the name and the identity, and isn't shown to anyone; `failed` was never active. `revoking`: a W&B server
 * hasn't deleted it yet.
 */
export type LifecycleState = (typeof LIFECYCLE_STATES)[number];

const NEXT: Record<LifecycleState, readonly LifecycleState[]> = {
  provisioning: ['active', 'failed'],
  // An account that exists in Keysmith alone has nothing to wait for.
  active: ['revoking', 'revoked'],
  revoking: ['revoked'],
  revoked: [],
  failed: [],
};

export function canBecome(from: LifecycleState, to: LifecycleState): boolean {
  return NEXT[from].includes(to);
}

/** Returns the states from which an account can get to this one. */
export function statesBefore(to: LifecycleState): LifecycleState[] {
  return LIFECYCLE_STATES.filter((from) => canBecome(from, to));
}

/** Returns whether the account has ended: its name and its identity are free again. */
export function hasEnded(state: LifecycleState): boolean {
  return NEXT[state].length === 0;
}
