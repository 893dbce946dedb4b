import { retryPauseMs } from '../../domain/backoff.ts';
import type { Person } from '../../domain/organization/person.ts';
import {
  decideManageAccount,
  decideRegisterSubject,
  type TeamAccess,
} from '../../domain/organization/team.ts';
import { accountEvent, actorOf } from '../accounts/account-event.ts';
import {
  type Attempt,
  authorize,
  type Check,
  checkManage,
  checkManageOrContact,
} from '../accounts/authorize.ts';
import type { Refusal } from '../accounts/refusal.ts';
import { type CardPlace, cardSubject } from '../cards/card.ts';
import type { JobHandler } from '../jobs/job-worker.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { NearMatchCard, NearMatchRecord } from './care-records.ts';
import { adminsToNotify, identifiedAccess, isMember } from './people-to-notify.ts';

/** Returns the handler that decides whom a new near match is shown to. */
export function nearMatchHandler(ports: Ports): JobHandler<'near_match'> {
  return {
    concurrency: 5,
    longestDelayMs: 60 * 60 * 1000,
    maxAttempts: Number.POSITIVE_INFINITY,
    pauseMs: retryPauseMs,
    async run({ payload: { nearMatchId } }) {
      const match = await ports.store.nearMatch(nearMatchId);
      if (match?.state !== 'open') return 'done';
      await ports.store.showNearMatch(nearMatchId, await placesOf(ports, match), ports.now());
      ports.wakeJobs();
      return 'done';
    },
  };
}

/** The contact, and the admins unless the contact is one. */
async function placesOf(ports: Ports, { account }: NearMatchRecord): Promise<CardPlace[]> {
  const { contact, teamName } = account;
  const access = await identifiedAccess(ports, contact, teamName);
  const own = access !== undefined && isIn(access) ? [{ slackUserId: contact }] : [];
  if (access !== undefined && decideManageAccount(access, account).allowed) return own;
  return [...own, ...(await adminsToNotify(ports, account))];
}

function isIn({ role, isOrganizationAdmin }: TeamAccess): boolean {
  return role !== undefined || isOrganizationAdmin;
}

/** Reads a near match for its card. A new card is only for people who may learn of the account when it is posted. */
export async function nearMatchCard(
  ports: Ports,
  id: string,
  place: CardPlace,
): Promise<NearMatchCard | undefined> {
  const match = await ports.store.nearMatch(id);
  if (match === undefined) return undefined;
  const { contact, teamName } = match.account;
  const mayLearn =
    'slackUserId' in place
      ? place.slackUserId === contact && (await isMember(ports, contact, teamName))
      : 'email' in place &&
        (await adminsToNotify(ports, match.account)).some(
          (one) => 'email' in one && one.email === place.email,
        );
  if (!mayLearn) return undefined;
  const isPosted =
    (await ports.store.postedCard(cardSubject({ card: 'near_match', id }, place))) !== undefined;
  return isPosted || !(await isMuted(ports, place)) ? { card: 'near_match', match } : undefined;
}

/** Returns whether the person turned these messages off. */
async function isMuted({ store, directory }: Ports, place: CardPlace): Promise<boolean> {
  if ('channelId' in place) return false;
  const slackUserId = 'email' in place ? await directory.findByEmail(place.email) : place.slackUserId;
  return slackUserId !== undefined && (await store.mutedMessages(slackUserId)).includes('near_match');
}

interface Click {
  slackUserId: string;
  nearMatchId: string;
  requestId: string;
}

type NotDecided =
  /** Someone has decided before, or the account has ended. */
  | { kind: 'already_decided'; match: NearMatchRecord }
  /** No such match, or one of a team the person may not see. */
  | { kind: 'not_found' }
  | { kind: 'refused'; refusal: Refusal };

export type AcceptNearMatchResult =
  | { kind: 'used'; match: NearMatchRecord }
  /** The subjects of the team no longer allow it. */
  | { kind: 'not_allowed' | 'subject_taken' | 'issuer_removed'; match: NearMatchRecord }
  | NotDecided;

/**
 * *Use this subject*: replaces the subject of the account. JWTs with the old one are refused from then on.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was changed
 */
export async function acceptNearMatch(ports: Ports, click: Click): Promise<AcceptNearMatchResult> {
  const { id, attempt } = attemptOf(click);
  const authorized = await authorize(ports, attempt, (person) => checkMatch(ports, person, id, checkManage));
  if (!authorized.ok) return notAuthorized(authorized.refusal);
  const { person, granted: match } = authorized;
  if (match.state !== 'open') return { kind: 'already_decided', match };
  const { account, subject } = match;
  const access = await ports.backend.teamAccess(person, account.teamName);
  if (access === undefined || !decideRegisterSubject(access, subject).allowed) {
    return { kind: 'not_allowed', match };
  }
  const nowMs = ports.now();
  const auditEvent = accountEvent(account, {
    action: 'service_account.subject_changed',
    actor: actorOf(person),
    atMs: nowMs,
    requestId: click.requestId,
    details: {
      issuer: account.externalIdentity?.issuer,
      subject,
      earlier_subject: account.externalIdentity?.subject,
    },
  });
  const kind = await ports.store.acceptNearMatch({ id, by: person.slackUserId, nowMs, auditEvent });
  ports.wakeJobs();
  return { kind, match };
}

export type IgnoreNearMatchResult = { kind: 'ignored'; match: NearMatchRecord } | NotDecided;

/**
 * *Ignore*: nobody is asked about this subject of the account again. For the admins of the team and the contact.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was changed
 */
export async function ignoreNearMatch(ports: Ports, click: Click): Promise<IgnoreNearMatchResult> {
  const { id, attempt } = attemptOf(click);
  const authorized = await authorize(ports, attempt, (person) =>
    checkMatch(ports, person, id, checkManageOrContact),
  );
  if (!authorized.ok) return notAuthorized(authorized.refusal);
  const { person, granted: match } = authorized;
  const nowMs = ports.now();
  const auditEvent = accountEvent(match.account, {
    action: 'service_account.subject_ignored',
    actor: actorOf(person),
    atMs: nowMs,
    requestId: click.requestId,
    details: { subject: match.subject },
  });
  const isNew = await ports.store.ignoreNearMatch({ id, by: person.slackUserId, nowMs, auditEvent });
  ports.wakeJobs();
  return { kind: isNew ? 'ignored' : 'already_decided', match };
}

/** Bounded: the ID comes from the request and may be anything. */
function attemptOf({ slackUserId, nearMatchId, requestId }: Click): { id: string; attempt: Attempt } {
  const id = nearMatchId.slice(0, 64);
  const subject = `near_match:${id}`;
  return { id, attempt: { slackUserId, action: 'service_account.subject_refused', subject, requestId } };
}

type MatchRefusal = Refusal | { reason: 'match_unknown' };

function notAuthorized(refusal: MatchRefusal): Extract<NotDecided, { kind: 'not_found' | 'refused' }> {
  return refusal.reason === 'match_unknown' || refusal.reason === 'team_unknown'
    ? { kind: 'not_found' }
    : { kind: 'refused', refusal };
}

async function checkMatch(
  ports: Ports,
  person: Person,
  id: string,
  check: typeof checkManage,
): Promise<Check<NearMatchRecord, MatchRefusal>> {
  const match = await ports.store.nearMatch(id);
  if (match === undefined) return { ok: false, refusal: { reason: 'match_unknown' } };
  const checked = await check(ports, person, match.account);
  return checked.ok ? { ok: true, granted: match } : checked;
}
