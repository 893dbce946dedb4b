import { isUndecided } from '../../domain/requests/request-state.ts';
import { type CardPlace, cardSubject } from '../cards/card.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { OwnRequestCard, RequestCard } from './access-request.ts';
import { standingDecisions } from './approval-checks.ts';
import { approversFor } from './approvers.ts';
import { collectableKey } from './requested-key.ts';

/** Reads a request for its card. To an approver, a direct message only goes if they are one when it is posted. */
export async function requestCard(
  ports: Ports,
  id: string,
  place: CardPlace,
): Promise<RequestCard | OwnRequestCard | undefined> {
  const { store } = ports;
  const request = await store.accessRequest(id);
  if (request === undefined) return undefined;
  const { teamName, person, accountId } = request;
  const account = accountId === undefined ? undefined : await store.findAnyAccount(accountId);
  if ('slackUserId' in place) {
    const collection = await collectableKey(ports, id);
    const link = ports.backend.teamPage(teamName);
    return { card: 'access_request', isOwn: true, request, collection, link, accountState: account?.state };
  }
  const policy = await store.policyOf(teamName);
  const isApprover =
    !('email' in place) || (await approversFor(ports, teamName, policy, person)).includes(place.email);
  // A posted card says instead that they aren't asked anymore.
  const subject = cardSubject({ card: 'access_request', id }, place);
  if (!isApprover && (await store.postedCard(subject)) === undefined) return undefined;
  const key = await store.requestedKey(id);
  return {
    card: 'access_request',
    request,
    isApprover,
    isDecidable: isApprover && isUndecided(request.state) && !request.isTeamArchived,
    approvals: policy.approvals,
    ...(isUndecided(request.state) && { standing: await standingDecisions(ports, request, policy) }),
    key: key.state,
    accountState: account?.state,
  };
}

/** Sends the card of a request as direct messages, because Slack doesn't accept it in the team's channel. */
export async function showInDirectMessages(ports: Ports, id: string): Promise<void> {
  const { store, now, logger } = ports;
  const request = await store.accessRequest(id);
  if (request === undefined || !isUndecided(request.state)) return;
  const { teamName, person } = request;
  logger.warn(
    { team: teamName, accessRequestId: id },
    'channel of the team not usable, sending direct messages: invite the app to the channel',
  );
  const policy = await store.policyOf(teamName);
  const approvers = await approversFor(ports, teamName, policy, person);
  await store.showRequestAlsoIn(
    id,
    approvers.map((email) => ({ email })),
    now(),
  );
  ports.wakeJobs();
}
