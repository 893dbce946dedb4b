import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { accountEvent, actorOf } from '../accounts/account-event.ts';
import { authorize, checkAccount } from '../accounts/authorize.ts';
import type { Refusal } from '../accounts/refusal.ts';
import type { CardPlace } from '../cards/card.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { UnownedCard } from './care-records.ts';
import { isForAdmin } from './people-to-notify.ts';

/** Reads the unowned accounts of a contact for their card. A new card is only for people who are admins when it is posted. */
export async function unownedCard(
  ports: Ports,
  id: string,
  place: CardPlace,
): Promise<UnownedCard | undefined> {
  const card = await ports.store.unownedCard(id);
  return card !== undefined && (await isForAdmin(ports, place, card.teamName)) ? card : undefined;
}

export type TakeOverResult =
  | { kind: 'taken'; account: ServiceAccount }
  /** Someone took over before, or the contact is back. */
  | { kind: 'not_unowned'; account: ServiceAccount }
  | { kind: 'ended'; account: ServiceAccount }
  /** No such account, or one of a team the person may not see. */
  | { kind: 'not_found' }
  | { kind: 'refused'; refusal: Refusal };

/**
 * *Take over*: makes the person the contact of an account whose contact left. The first one counts.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was changed
 */
export async function takeOver(
  ports: Ports,
  request: { slackUserId: string; accountId: string; requestId: string },
): Promise<TakeOverResult> {
  const { slackUserId, requestId } = request;
  // Bounded: it comes from the request and may be anything.
  const accountId = request.accountId.slice(0, 64);
  const subject = `service_account:${accountId}`;
  const attempt = { slackUserId, action: 'service_account.take_over_refused', subject, requestId } as const;
  const authorized = await authorize(ports, attempt, (person) => checkAccount(ports, person, accountId));
  if (!authorized.ok) {
    const { refusal } = authorized;
    return refusal.reason === 'account_unknown' || refusal.reason === 'team_unknown'
      ? { kind: 'not_found' }
      : { kind: 'refused', refusal };
  }
  const { person, granted: account } = authorized;
  const nowMs = ports.now();
  const kind = await ports.store.takeOver({
    accountId,
    by: slackUserId,
    nowMs,
    auditEvent: accountEvent(account, {
      action: 'service_account.taken_over',
      actor: actorOf(person),
      atMs: nowMs,
      requestId,
      details: { earlier_contact: account.contact },
    }),
  });
  ports.wakeJobs();
  return { kind, account };
}
