import { retryPauseMs } from '../../domain/backoff.ts';
import { isReviewDue, keptUntilMs } from '../../domain/care/unused-key.ts';
import { accountEvent, actorOf } from '../accounts/account-event.ts';
import { authorize, checkManage } from '../accounts/authorize.ts';
import type { Refusal } from '../accounts/refusal.ts';
import type { CardPlace } from '../cards/card.ts';
import type { JobHandler } from '../jobs/job-worker.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { JobResult } from '../ports/job-store.ts';
import { MAX_REVIEWED_KEYS, type UnusedKey, type UnusedReviewCard } from './care-records.ts';
import type { TeamToReview } from './care-store.ts';
import { adminsOfScopes, isForAdmin } from './people-to-notify.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Teams per run, so that a thousand teams take less than an hour and no run holds up anything. */
const TEAMS_AT_ONCE = 25;
const PAUSE_MS = 60_000;

/** Returns the handler that asks the admins of each team about its unused keys, at most monthly. It goes through the teams daily. */
export function unusedReviewHandler(ports: Ports): JobHandler<'unused_review'> {
  return {
    concurrency: 1,
    longestDelayMs: DAY_MS,
    maxAttempts: Number.POSITIVE_INFINITY,
    pauseMs: retryPauseMs,
    run: ({ payload }) => reviewTeams(ports, payload.after),
  };
}

async function reviewTeams(ports: Ports, after: string): Promise<JobResult> {
  const { store, now } = ports;
  // A use that is only in memory counts too.
  await ports.flushUses();
  const teams = await store.teamsToReview({ after, limit: TEAMS_AT_ONCE, nowMs: now() });
  for (const team of teams) await reviewTeam(ports, team);
  const last = teams.length === TEAMS_AT_ONCE ? teams.at(-1) : undefined;
  if (last === undefined && after === '') return { again: now() + DAY_MS };
  await store.continueReviews({ after: last?.id ?? '', runAtMs: now() + (last ? PAUSE_MS : DAY_MS) });
  return 'done';
}

async function reviewTeam(ports: Ports, { id: teamId, name, reviewedAtMs }: TeamToReview): Promise<void> {
  const { store, backend, now } = ports;
  const nowMs = now();
  if (!isReviewDue(reviewedAtMs, nowMs)) return;
  const { unusedAfterDays } = await store.policyOf(name);
  const unused = await store.unusedKeys(teamId, { unusedAfterDays, nowMs, limit: MAX_REVIEWED_KEYS });
  if (unused.length === 0) return;
  const keyIds = unused.map(({ keyId }) => keyId);
  const scopes = unused.map(({ scope }) => scope);
  const places = await adminsOfScopes({ backend }, name, scopes);
  await store.openReview({ teamId, keyIds, places, nowMs });
  ports.wakeJobs();
}

/** Reads a review for its card. A new card is only for people who are admins when it is posted. */
export async function unusedReviewCard(
  ports: Ports,
  id: string,
  place: CardPlace,
): Promise<UnusedReviewCard | undefined> {
  const review = await ports.store.unusedReview(id, ports.now());
  if (review === undefined || !(await isForAdmin(ports, place, review.teamName))) return undefined;
  const { unusedAfterDays: keptForDays } = await ports.store.policyOf(review.teamName);
  return { card: 'unused_review', ...review, keptForDays };
}

export type KeepKeyResult =
  | { kind: 'kept'; key: UnusedKey; untilMs: number }
  | { kind: 'already_kept'; key: UnusedKey }
  /** No such review or key, or one of a team the person may not see. */
  | { kind: 'not_found' }
  | { kind: 'refused'; refusal: Refusal };

/**
 * *Keep*: nobody is asked about an unused key again for as long as the policy says.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was changed
 */
export async function keepKey(
  ports: Ports,
  request: { slackUserId: string; reviewId: string; keyId: string; requestId: string },
): Promise<KeepKeyResult> {
  const { slackUserId, requestId } = request;
  // Bounded: both come from the request and may be anything.
  const [reviewId, keyId] = [request.reviewId.slice(0, 64), request.keyId.slice(0, 64)];
  const attempt = {
    slackUserId,
    action: 'api_key.keep_refused',
    subject: `api_key:${keyId}`,
    requestId,
  } as const;
  const review = await ports.store.unusedReview(reviewId, ports.now());
  const key = review?.keys.find((one) => one.keyId === keyId);
  const authorized = await authorize<UnusedKey, Refusal | { reason: 'key_unknown' }>(
    ports,
    attempt,
    async (person) => {
      if (key === undefined) return { ok: false, refusal: { reason: 'key_unknown' } };
      const checked = await checkManage(ports, person, key.account);
      return checked.ok ? { ok: true, granted: key } : checked;
    },
  );
  if (!authorized.ok) {
    const { refusal } = authorized;
    return refusal.reason === 'key_unknown' || refusal.reason === 'team_unknown'
      ? { kind: 'not_found' }
      : { kind: 'refused', refusal };
  }
  const { person, granted } = authorized;
  const nowMs = ports.now();
  const { unusedAfterDays } = await ports.store.policyOf(granted.account.teamName);
  const untilMs = keptUntilMs(unusedAfterDays, nowMs);
  const kept = await ports.store.keepKey({
    reviewId,
    keyId,
    by: slackUserId,
    untilMs,
    nowMs,
    auditEvent: accountEvent(granted.account, {
      action: 'api_key.kept',
      actor: actorOf(person),
      atMs: nowMs,
      requestId,
      details: { key_id: keyId, key_name: granted.keyName, until_ms: untilMs },
    }),
  });
  ports.wakeJobs();
  if (kept === 'not_found') return { kind: 'not_found' };
  return kept === 'kept' ? { kind: 'kept', key: granted, untilMs } : { kind: kept, key: granted };
}
