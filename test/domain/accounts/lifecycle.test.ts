import { describe, expect, it } from 'vitest';
import {
  canBecome,
  hasEnded,
  LIFECYCLE_STATES,
  statesBefore,
} from '../../../src/domain/accounts/lifecycle.ts';

describe('The lifecycle of an account', () => {
  it('has these transitions and no others', () => {
    const transitions = LIFECYCLE_STATES.flatMap((from) =>
      LIFECYCLE_STATES.filter((to) => canBecome(from, to)).map((to) => `${from} → ${to}`),
    );
    expect(transitions).toEqual([
      'provisioning → active',
      'provisioning → failed',
      'active → revoking',
      'active → revoked',
      'revoking → revoked',
    ]);
  });

  it('returns for each state the states that can become it', () => {
    for (const to of LIFECYCLE_STATES) {
      expect(statesBefore(to)).toEqual(LIFECYCLE_STATES.filter((from) => canBecome(from, to)));
    }
    expect(statesBefore('revoked')).toEqual(['active', 'revoking']);
  });

  it('ends in a state that nothing follows', () => {
    expect(LIFECYCLE_STATES.filter(hasEnded)).toEqual(['revoked', 'failed']);
  });
});
