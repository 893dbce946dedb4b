import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { retryPauseMs } from '../../domain/backoff.ts';
import {
  contactInSlack,
  contactInTeam,
  FIRST_REMINDER_AFTER_MS,
  SECOND_LOOK_AFTER_MS,
} from '../../domain/care/contact-check.ts';
import { accountEvent } from '../accounts/account-event.ts';
import type { JobHandlers } from '../jobs/job-worker.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { ClaimedJob, JobPayloads, JobResult } from '../ports/job-store.ts';
import type { LeftContact } from './care-records.ts';
import type { ContactToCheck } from './care-store.ts';
import { adminsOfScopes } from './people-to-notify.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A fifth of what Slack allows for `users.info`, so that 10,000 contacts take about eight hours. */
const CONTACTS_AT_ONCE = 20;
const PAUSE_MS = 60_000;
/** A contact whom Slack doesn't return is left out until the next day, so that nobody holds up the others. */
const MAX_ATTEMPTS = 4;

/** Returns the handlers of the jobs about contacts who leave. */
export function contactHandlers(
  ports: Ports,
): Pick<JobHandlers, 'contact_check' | 'contact_recheck' | 'unowned_reminder'> {
  const untilDone = { concurrency: 1, maxAttempts: Number.POSITIVE_INFINITY, pauseMs: retryPauseMs };
  return {
    contact_check: { ...untilDone, longestDelayMs: DAY_MS, run: (job) => checkContacts(ports, job) },
    contact_recheck: {
      ...untilDone,
      longestDelayMs: SECOND_LOOK_AFTER_MS,
      run: ({ payload }) => lookAgain(ports, payload),
    },
    unowned_reminder: {
      ...untilDone,
      longestDelayMs: FIRST_REMINDER_AFTER_MS,
      run: ({ payload }) => remind(ports, payload),
    },
  };
}

async function checkContacts(
  ports: Ports,
  { payload: { after }, attempts }: ClaimedJob<'contact_check'>,
): Promise<JobResult> {
  const { store, now, logger } = ports;
  const contacts = await store.contactsToCheck({ after, limit: CONTACTS_AT_ONCE });
  let checked = after;
  for (const one of contacts) {
    try {
      await checkContact(ports, one);
    } catch (error) {
      // A failing call says nothing about the contact.
      logger.warn({ err: error, attempts }, 'contact not checked');
      if (checked !== after) break;
      if (attempts < MAX_ATTEMPTS) return { retry: 'contact_not_checked' };
    }
    checked = one.contact;
  }
  const isEnd = contacts.length < CONTACTS_AT_ONCE && checked === (contacts.at(-1)?.contact ?? after);
  if (isEnd && after === '') return { again: now() + DAY_MS };
  await store.continueContactChecks({
    after: isEnd ? '' : checked,
    runAtMs: now() + (isEnd ? DAY_MS : PAUSE_MS),
  });
  return 'done';
}

async function checkContact(ports: Ports, { contact, teams }: ContactToCheck): Promise<void> {
  const { directory, backend, store, now } = ports;
  const inSlack = contactInSlack(await directory.profile(contact), directory.workspace);
  if (inSlack.kind === 'unknown') return;
  // On a W&B server, reading one team after the other takes long, and a recent list is enough for the first look.
  const listed =
    inSlack.kind === 'person' && backend.administeredIn === 'wandb'
      ? await backend.teamsOf(inSlack.person)
      : [];
  for (const { id: teamId, name: teamName, isUnowned, hasUnowned } of teams) {
    const left = { contact, teamId };
    if (inSlack.kind === 'deactivated') {
      if (!isUnowned) await markUnowned(ports, { ...left, teamName });
      continue;
    }
    const isListed = listed.some(({ team }) => team.name === teamName);
    const found = isListed ? 'present' : contactInTeam(await backend.teamAccess(inSlack.person, teamName));
    if (found === 'present' && hasUnowned) await markOwned(ports, left);
    if (found !== 'absent' || isUnowned) continue;
    if (backend.administeredIn === 'wandb') {
      await store.recheckContact({ ...left, teamName, runAtMs: now() + SECOND_LOOK_AFTER_MS });
    } else await markUnowned(ports, { ...left, teamName });
  }
}

async function lookAgain(ports: Ports, left: LeftContact & { teamName: string }): Promise<JobResult> {
  const { directory, backend } = ports;
  const inSlack = contactInSlack(await directory.profile(left.contact), directory.workspace);
  const isGone =
    inSlack.kind === 'deactivated' ||
    (inSlack.kind === 'person' &&
      contactInTeam(await backend.teamAccess(inSlack.person, left.teamName)) === 'absent');
  if (isGone) await markUnowned(ports, left);
  return 'done';
}

async function markUnowned(
  ports: Ports,
  { teamName, ...left }: LeftContact & { teamName: string },
): Promise<void> {
  const nowMs = ports.now();
  const places = await adminsOfScopes(ports, teamName, await ports.store.contactScopes(left));
  const eventOf = (account: ServiceAccount) => contactEvent('service_account.unowned', account, nowMs);
  const marked = await ports.store.markUnowned({ ...left, places, nowMs, eventOf });
  if (marked === 0) return;
  ports.logger.info({ team: teamName, accounts: marked }, 'contact has left');
  ports.wakeJobs();
}

async function markOwned(ports: Ports, left: LeftContact): Promise<void> {
  const nowMs = ports.now();
  const eventOf = (account: ServiceAccount) => contactEvent('service_account.owned_again', account, nowMs);
  await ports.store.markOwned({ ...left, nowMs, eventOf });
  ports.wakeJobs();
}

function contactEvent(
  action: 'service_account.unowned' | 'service_account.owned_again',
  account: ServiceAccount,
  atMs: number,
) {
  const actor = { type: 'system', name: 'contact_check' } as const;
  return accountEvent(account, {
    action,
    actor,
    atMs,
    requestId: null,
    details: { contact: account.contact },
  });
}

/** Asks again, in a new message. */
async function remind(
  ports: Ports,
  { teamName, ...left }: JobPayloads['unowned_reminder'],
): Promise<JobResult> {
  const places = await adminsOfScopes(ports, teamName, await ports.store.contactScopes(left));
  await ports.store.repeatUnowned({ ...left, teamName, places, nowMs: ports.now() });
  ports.wakeJobs();
  return 'done';
}
