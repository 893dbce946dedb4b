import type { Logger } from 'pino';
import type { Sealer } from '../../domain/keys/sealed.ts';
import type { Clock } from '../ports/clock.ts';
import type { StoredTeamKey, UpstreamStore } from '../ports/upstream-store.ts';
import { openTeamKey, teamKeyAuthorization } from './team-keys.ts';
import type {
  FederatedCredentials,
  UpstreamCredentialResult,
  UpstreamCredentials,
} from './upstream-credential.ts';
import { createRejectionRecord, type ProbeUpstream, rejectionName } from './upstream-rejections.ts';

export interface UpstreamCredentialsDependencies extends Clock {
  store: Pick<
    UpstreamStore,
    | 'upstreamVersion'
    | 'upstreamState'
    | 'sealedTeamKey'
    | 'recordUpstreamRejection'
    | 'recordUpstreamRecovery'
  >;
  /** As `teamKeySealer` returns it. */
  sealer: Sealer;
  /** For teams without a stored key. Undefined without federation. */
  federated: FederatedCredentials | undefined;
  probe: ProbeUpstream;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export interface StartedUpstreamCredentials extends UpstreamCredentials {
  /** Waits until what was learned about credentials is recorded. */
  settled(): Promise<void>;
}

/** How old the keys in memory may be. A change made by another process applies within five seconds. */
const READ_EVERY_MS = 2_000;
const REJECTED_RETRY_AFTER_SECONDS = 30;
const UNREADABLE_RETRY_AFTER_SECONDS = 60;

interface State {
  version: number;
  readAtMs: number;
  /** By team, without those of archived teams. */
  teamKeys: ReadonlyMap<string, StoredTeamKey>;
  rejected: ReadonlySet<string>;
}

/**
 * Creates the source of all upstream credentials: a team's stored key, else federation. The table is read when a request needs a
 * credential, at most every two seconds, and each key is opened once. While the database can't be read there are none, just as no
 * workload's credential can be verified then.
 */
export function createUpstreamCredentials(
  dependencies: UpstreamCredentialsDependencies,
): StartedUpstreamCredentials {
  const { store, federated, monotonicMs } = dependencies;
  const keys = createOpenedKeys(dependencies);
  let state: State | undefined;
  let reading: Promise<State> | undefined;

  const read = () => {
    reading ??= readChanged().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const readChanged = async (): Promise<State> => {
    // Read first, so that a change after it is noticed next time.
    const version = await store.upstreamVersion();
    const readAtMs = monotonicMs();
    if (state?.version === version) {
      state = { ...state, readAtMs };
      return state;
    }
    const { teamKeys, rejections } = await store.upstreamState();
    const active = teamKeys.filter(({ isTeamArchived }) => !isTeamArchived);
    keys.keepOnly(active);
    state = {
      version,
      readAtMs,
      teamKeys: new Map(active.map((teamKey) => [teamKey.teamName, teamKey])),
      rejected: new Set(rejections.map(rejectionName)),
    };
    return state;
  };
  const recent = async () =>
    state === undefined || monotonicMs() - state.readAtMs >= READ_EVERY_MS ? read() : state;

  const record = createRejectionRecord({
    ...dependencies,
    isRejected: (credential) => state?.rejected.has(rejectionName(credential)) ?? false,
    onRecorded: read,
  });

  const ofFederation = async (teamName: string): Promise<UpstreamCredentialResult> => {
    if (federated === undefined) return { ok: false, reason: 'none' };
    const result = await federated.of(teamName);
    // W&B refused Keysmith's JWT, whatever the workload sent.
    if (!result.ok && result.reason === 'rejected') record.rejected({ teamName, kind: 'access_token' });
    return result;
  };

  return {
    async of(teamName) {
      const stored = (await recent()).teamKeys.get(teamName);
      if (stored === undefined) return ofFederation(teamName);
      const opened = await keys.open(stored);
      if (opened !== 'replaced') {
        if (!opened.ok) record.unreadable({ teamName, kind: 'team_key' }, stored.id);
        return opened;
      }
      const newer = (await read()).teamKeys.get(teamName);
      return newer === undefined ? ofFederation(teamName) : currentOf(await keys.open(newer));
    },
    async renew(rejected) {
      const { teamName, authorization, kind } = rejected;
      const stored = (await read()).teamKeys.get(teamName);
      if (stored === undefined) {
        if (kind === 'team_key' || federated === undefined) return ofFederation(teamName);
        const result = await federated.renew(rejected);
        if (!result.ok && result.reason === 'rejected') record.suspect(rejected);
        return result;
      }
      const current = currentOf(await keys.open(stored));
      const isSame = current.ok && current.credential.authorization.reveal() === authorization.reveal();
      if (!isSame) return current;
      record.suspect(rejected, stored.id);
      return { ok: false, reason: 'rejected', retryAfterSeconds: REJECTED_RETRY_AFTER_SECONDS };
    },
    accepted: record.accepted,
    settled: record.settled,
  };
}

type OpenedKey = UpstreamCredentialResult | 'replaced';

/** A key that was replaced twice during one request: the next request reads it. */
function currentOf(opened: OpenedKey): UpstreamCredentialResult {
  return opened === 'replaced' ? { ok: false, reason: 'unavailable', retryAfterSeconds: 1 } : opened;
}

/** Opens each stored key once. */
function createOpenedKeys(
  dependencies: Pick<UpstreamCredentialsDependencies, 'store' | 'sealer' | 'logger'>,
) {
  const opened = new Map<string, Promise<OpenedKey>>();
  return {
    open(stored: StoredTeamKey): Promise<OpenedKey> {
      const known = opened.get(stored.id);
      if (known !== undefined) return known;
      const opening = openCredential(dependencies, stored);
      opened.set(stored.id, opening);
      // The database couldn't be read: the next request tries again.
      opening.catch(() => opened.delete(stored.id));
      return opening;
    },
    keepOnly(stored: readonly StoredTeamKey[]): void {
      const ids = new Set(stored.map(({ id }) => id));
      for (const id of opened.keys()) if (!ids.has(id)) opened.delete(id);
    },
  };
}

async function openCredential(
  dependencies: Pick<UpstreamCredentialsDependencies, 'store' | 'sealer' | 'logger'>,
  stored: StoredTeamKey,
): Promise<OpenedKey> {
  const { id, teamName, isWider } = stored;
  const opened = await openTeamKey(dependencies, stored);
  if (opened.ok) {
    const authorization = teamKeyAuthorization(opened.key);
    return { ok: true, credential: { teamName, kind: 'team_key', authorization, isWider } };
  }
  if (opened.reason === 'removed') return 'replaced';
  dependencies.logger.error({ team: teamName, id }, 'stored W&B key unreadable');
  return { ok: false, reason: 'unavailable', retryAfterSeconds: UNREADABLE_RETRY_AFTER_SECONDS };
}
