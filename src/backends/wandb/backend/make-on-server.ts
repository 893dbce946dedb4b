import type { DeliveryRoute } from '../../../application/ports/account-records.ts';
import type { BackendFailure } from '../../../application/ports/backend.ts';
import type { HeldOperation, ServerIdentity } from '../../../application/ports/operation-store.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import type { Person } from '../../../domain/organization/person.ts';
import { createClient, createServiceAccount } from '../client/mutations.ts';
import type { WandbFailure } from '../client/wandb-failure.ts';
import { backendFailureOf } from './backend-failure-of.ts';
import { candidatesOf, memberOf, type ServiceMember } from './team-directory.ts';
import type { WandbContext } from './wandb-context.ts';

/** An account that this process is making on the server, its intent written. */
export interface Creation {
  held: HeldOperation;
  account: ServiceAccount;
  person: Person;
  membersBefore: readonly string[];
  /** IDs of the team's OAuth clients before it, as far as the server shows them. */
  clientsBefore: readonly string[];
  /** Of a federated account. */
  providerId: string | undefined;
  /** How its key will go out; undefined for a federated account. */
  route: DeliveryRoute | undefined;
  collectionId: string | undefined;
  requestId: string;
  /** The calls end there. */
  deadlineMs: number;
}

export type Made =
  | { kind: 'made'; server: ServerIdentity }
  | { kind: 'not_made'; failure: BackendFailure; isConflict: boolean }
  /** It may stand on the server, now or in a moment. */
  | { kind: 'unclear'; failure: BackendFailure };

/** Asks the server for the account, once; where the answer is lost it looks, once. */
export function makeOnServer(context: WandbContext, creation: Creation): Promise<Made> {
  const { providerId, account } = creation;
  const { externalIdentity } = account;
  return externalIdentity === undefined || providerId === undefined
    ? makeServiceAccount(context, creation)
    : makeClient(context, creation, { providerId, subject: externalIdentity.subject });
}

async function makeServiceAccount(context: WandbContext, creation: Creation): Promise<Made> {
  const { account, deadlineMs } = creation;
  const result = await createServiceAccount(
    context.client,
    { team: account.teamName, name: account.name },
    { deadlineMs },
  );
  if (!result.ok) return withoutAnswer(context, creation, result.failure);
  const memberId = result.value;
  // Of a person, or of an account that has its key in use: neither is to be read or removed.
  if (creation.membersBefore.includes(memberId)) return NOT_NEW;
  return { kind: 'made', server: { memberId, clientId: undefined } };
}

async function makeClient(
  context: WandbContext,
  creation: Creation,
  external: { providerId: string; subject: string },
): Promise<Made> {
  const { account, deadlineMs } = creation;
  const { teamName: team, name } = account;
  const result = await createClient(context.client, { ...external, team, name }, { deadlineMs });
  if (!result.ok) return withoutAnswer(context, creation, result.failure);
  if (!result.value.created) {
    return { kind: 'not_made', failure: { reason: 'refused', message: undefined }, isConflict: false };
  }
  const { clientId } = result.value;
  if (creation.clientsBefore.includes(clientId)) return NOT_NEW;
  const read = await context.teams.tryFresh(team, { deadlineMs });
  const found = read.ok && read.value !== undefined ? read.value : undefined;
  const member =
    found && (memberOf(found, { memberId: undefined, clientId }) ?? onlyCandidate(found, creation));
  if (member !== undefined && creation.membersBefore.includes(member.id)) return NOT_NEW;
  return { kind: 'made', server: { memberId: member?.id, clientId } };
}

/** The server says to have made what stood there before: what it did make, if anything, is found out without that ID. */
const NOT_NEW: Made = { kind: 'unclear', failure: { reason: 'other_answer' } };

function onlyCandidate(
  team: Parameters<typeof candidatesOf>[0],
  { account, membersBefore }: Creation,
): ServiceMember | undefined {
  const candidates = candidatesOf(team, { name: account.name, membersBefore });
  return candidates.length === 1 ? candidates[0] : undefined;
}

async function withoutAnswer(
  context: WandbContext,
  creation: Creation,
  failure: WandbFailure,
): Promise<Made> {
  const told = backendFailureOf(failure);
  // One of the name that stands there is then the other's, who has its key in use.
  if (isConflict(failure)) {
    const message = 'messages' in failure ? failure.messages[0] : undefined;
    return { kind: 'not_made', failure: { reason: 'conflict', message }, isConflict: true };
  }
  if (!failure.mayHaveHappened) return { kind: 'not_made', failure: told, isConflict: false };
  const { account, membersBefore, deadlineMs } = creation;
  const read = await context.teams.tryFresh(account.teamName, { deadlineMs });
  if (!read.ok || read.value === undefined) return { kind: 'unclear', failure: told };
  const [candidate, ...others] = candidatesOf(read.value, { name: account.name, membersBefore });
  if (candidate === undefined) {
    // Where the server has answered itself, it is not still working at it.
    return failure.reason === 'errors' || failure.reason === 'rate_limited'
      ? { kind: 'not_made', failure: told, isConflict: false }
      : { kind: 'unclear', failure: told };
  }
  const server = others.length === 0 ? identityOf(candidate, account.externalIdentity?.subject) : undefined;
  return server === undefined ? { kind: 'unclear', failure: told } : { kind: 'made', server };
}

/** Does the server say that something is in the way? Some do with a status, some in GraphQL errors. */
function isConflict(failure: WandbFailure): boolean {
  if (failure.reason === 'conflict') return true;
  return failure.reason === 'errors' && failure.messages.some((message) => /already exists/i.test(message));
}

/** Undefined for a federated account whose subject the server shows not to be there: it is half made. */
export function identityOf(member: ServiceMember, subject: string | undefined): ServerIdentity | undefined {
  if (subject === undefined || member.oauthClients === undefined) {
    return { memberId: member.id, clientId: undefined };
  }
  const client = member.oauthClients.find((one) => one.subject === subject);
  return client && { memberId: member.id, clientId: client.id };
}
