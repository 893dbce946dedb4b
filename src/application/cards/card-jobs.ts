import { LONGEST_PAUSE_MS, NOTIFICATION_ATTEMPTS, notificationPauseMs } from '../../domain/backoff.ts';
import { identifyPerson } from '../../domain/organization/person.ts';
import { auditHeadCard } from '../audit/audit-heads.ts';
import { nearMatchCard } from '../care/near-matches.ts';
import { unownedCard } from '../care/unowned-accounts.ts';
import { unusedReviewCard } from '../care/unused-reviews.ts';
import { isMuted } from '../home/direct-messages.ts';
import type { JobHandler } from '../jobs/job-worker.ts';
import { rotationCard } from '../keys/rotation-card.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { JobPayloads, JobResult } from '../ports/job-store.ts';
import { requestCard, showInDirectMessages } from '../requests/request-card.ts';
import {
  type CardFailure,
  type CardKind,
  type CardMessageId,
  type CardPlace,
  cardSubject,
  type DueCard,
  type DueCards,
  type PostedCard,
} from './card.ts';

/**
 * Reads a card's state for one place. Returns undefined if the card doesn't concern that place anymore, such as an admin who isn't
 * one now: a posted card then stays as it is, and a new one isn't posted.
 */
type CardSource<Kind extends CardKind> = (
  ports: Ports,
  id: string,
  place: CardPlace,
) => Promise<DueCards[Kind] | undefined>;

const sources: { [Kind in CardKind]: CardSource<Kind> } = {
  rotation: rotationCard,
  access_request: requestCard,
  near_match: nearMatchCard,
  unused_review: unusedReviewCard,
  unowned: unownedCard,
  audit_head: auditHeadCard,
};

/** What to do where Slack never accepts a card in its channel. */
const withoutChannel: { [Kind in CardKind]?: (ports: Ports, id: string) => Promise<void> } = {
  access_request: showInDirectMessages,
};

/** Returns the handler that posts a card, or changes it in place. It shows the state of the moment when the job runs. */
export function cardHandler(ports: Ports): JobHandler<'card'> {
  return {
    concurrency: 10,
    longestDelayMs: LONGEST_PAUSE_MS,
    maxAttempts: NOTIFICATION_ATTEMPTS,
    pauseMs: notificationPauseMs,
    run: ({ payload }) => showCard(ports, payload),
  };
}

async function showCard(ports: Ports, { about, place }: JobPayloads['card']): Promise<JobResult> {
  const { store, cards, now } = ports;
  const due = await (sources[about.card] as CardSource<CardKind>)(ports, about.id, place);
  if (due === undefined) return 'done';
  const subject = cardSubject(about, place);
  const record = (card: PostedCard) => store.recordCard(subject, { ...card, nowMs: now() });
  const before = await store.postedCard(subject);
  const posted = before ?? (await post(ports, place, due));
  if (posted === 'rejected' && 'channelId' in place) await withoutChannel[about.card]?.(ports, about.id);
  if (typeof posted === 'string') return unpostedResult(posted);
  if (before === undefined) {
    // Before its log is posted, so that a lost process doesn't post the card twice.
    await record(posted);
  } else {
    const updated = await cards.update(posted, due);
    if (updated !== 'updated') return unpostedResult(updated);
  }
  const { postedEntries, isComplete } = await cards.log(posted, due, posted.postedEntries);
  if (postedEntries > posted.postedEntries) await record({ ...posted, postedEntries });
  return isComplete ? 'done' : { retry: 'log_not_accepted' };
}

/** A message that someone deleted, or whose channel was archived, is left alone. */
function unpostedResult(failure: CardFailure | 'nobody' | 'unknown'): JobResult {
  switch (failure) {
    case 'nobody':
    case 'rejected':
      return 'done';
    case 'unknown':
      return { retry: 'recipient_unknown' };
    case 'not_accepted':
      return { retry: failure };
  }
}

/** Posts a new card, unless the person doesn't want it. Slack opens the direct message. */
async function post(
  { cards, directory, store }: Ports,
  place: CardPlace,
  due: DueCard,
): Promise<PostedCard | CardFailure | 'nobody' | 'unknown'> {
  const postTo = async (slackUserId: string) =>
    (await isMuted(store, slackUserId, due.card))
      ? 'nobody'
      : newlyPosted(await cards.post({ slackUserId }, due));
  if ('channelId' in place) return newlyPosted(await cards.post(place, due));
  if ('slackUserId' in place) return postTo(place.slackUserId);
  const slackUserId = await directory.findByEmail(place.email);
  const profile = slackUserId === undefined ? undefined : await directory.profile(slackUserId);
  const identified = profile && identifyPerson(profile, directory.workspace);
  if (identified === undefined) return 'unknown';
  // Only the person with the confirmed address is who the card is for.
  if (!identified.ok || identified.person.email !== place.email) return 'nobody';
  return postTo(identified.person.slackUserId);
}

function newlyPosted(posted: CardMessageId | CardFailure): PostedCard | CardFailure {
  return typeof posted === 'string' ? posted : { ...posted, postedEntries: 0 };
}
