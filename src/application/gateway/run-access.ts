import type { Logger } from 'pino';
import type { RunAccess } from '../ports/gateway.ts';
import type { UpstreamStore } from '../ports/upstream-store.ts';

export interface RunAccessDependencies {
  store: Pick<UpstreamStore, 'upstreamState'>;
  /** Whether Keysmith verifies the credentials it issued. */
  hasAuthority: boolean;
  /** How a team without a stored key gets an upstream credential. Undefined without a gateway. */
  upstreamAuth: 'key' | 'federation' | undefined;
  logger: Pick<Logger, 'warn'>;
}

/**
 * Returns a function that tells whether the workloads of a team can log runs, for accounts of the built-in backend. It reads
 * only the database, and never throws.
 */
export function createRunAccess(
  dependencies: RunAccessDependencies,
): (teamName: string) => Promise<RunAccess> {
  const { store, hasAuthority, upstreamAuth, logger } = dependencies;
  return async (teamName) => {
    if (!hasAuthority) return 'not_verified';
    if (upstreamAuth === undefined) return 'no_upstream';
    try {
      const { teamKeys, rejections } = await store.upstreamState();
      const hasKey = teamKeys.some((key) => key.teamName === teamName && !key.isTeamArchived);
      if (!hasKey && upstreamAuth === 'key') return 'no_credential';
      const kind = hasKey ? 'team_key' : 'access_token';
      const isRejected = rejections.some((one) => one.teamName === teamName && one.kind === kind);
      return isRejected ? 'credential_rejected' : 'available';
    } catch (error) {
      // The instructions stay right; only a warning may be missing.
      logger.warn({ err: error, team: teamName }, 'upstream credential not looked up');
      return 'available';
    }
  };
}
