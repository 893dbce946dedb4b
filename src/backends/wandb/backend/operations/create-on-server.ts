import type { DeliveryRoute } from '../../../../application/ports/account-records.ts';
import type { BackendFailure } from '../../../../application/ports/backend.ts';
import type { HeldJob } from '../../../../application/ports/job-store.ts';
import type { HeldOperation, ServerIdentity } from '../../../../application/ports/operation-store.ts';
import type { ServiceAccount } from '../../../../domain/accounts/service-account.ts';
import type { Person } from '../../../../domain/organization/person.ts';
import { createClient, createServiceAccount } from '../../client/mutations.ts';
import type { WandbTeam } from '../../client/queries/read-team.ts';
import type { WandbFailure } from '../../client/wandb-failure.ts';
import { backendFailureOf } from '../backend-failure.ts';
import {
  candidatesOf,
  hasUnusableNamesake,
  identityOf,
  memberOf,
  type ServiceMember,
} from '../team-members.ts';
import type { WandbContext } from '../wandb-context.ts';

/** An account that this process creates on the server; the operation is already stored. */
export interface Creation {
  held: HeldOperation;
  account: ServiceAccount;
  person: Person;
  membersBefore: readonly string[];
  /** IDs of the team's OAuth clients before the creation, as far as the server shows them. */
  clientsBefore: readonly string[];
  /** For a federated account. */
  providerId: string | undefined;
  /** How the key is delivered; undefined for a federated account. */
  route: DeliveryRoute | undefined;
  collectionId: string | undefined;
  requestId: string;
  /** For a federated account. */
  notice: HeldJob | undefined;
  /** End of all calls to the server. */
  deadlineMs: number;
}

export type CreateOnServerResult =
  | { kind: 'created'; server: ServerIdentity }
  | { kind: 'not_created'; failure: BackendFailure; isConflict: boolean }
  /** The account may exist on the server, now or in a moment. */
  | { kind: 'unknown'; failure: BackendFailure };

/** Sends the creation to the server once. When the response is lost, reads the team once to find the account. */
export function createOnServer(context: WandbContext, creation: Creation): Promise<CreateOnServerResult> {
  const { providerId, account } = creation;
  const { externalIdentity } = account;
  return externalIdentity === undefined || providerId === undefined
    ? createWithKey(context, creation)
    : createFederated(context, creation, { providerId, subject: externalIdentity.subject });
}

async function createWithKey(context: WandbContext, creation: Creation): Promise<CreateOnServerResult> {
  const { account, deadlineMs } = creation;
  const result = await createServiceAccount(
    context.client,
    { team: account.teamName, name: account.name },
    { deadlineMs },
  );
  if (!result.ok) return withoutResponse(context, creation, result.failure);
  const memberId = result.value;
  // The ID of a person or of an account in use, whose key must be neither read nor revoked.
  if (creation.membersBefore.includes(memberId)) return NOT_NEW;
  return { kind: 'created', server: { memberId, clientId: undefined } };
}

async function createFederated(
  context: WandbContext,
  creation: Creation,
  external: { providerId: string; subject: string },
): Promise<CreateOnServerResult> {
  const { account, deadlineMs } = creation;
  const { teamName: team, name } = account;
  const result = await createClient(context.client, { ...external, team, name }, { deadlineMs });
  if (!result.ok) return withoutResponse(context, creation, result.failure);
  if (!result.value.created) {
    return { kind: 'not_created', failure: { reason: 'refused', message: undefined }, isConflict: false };
  }
  const { clientId } = result.value;
  if (creation.clientsBefore.includes(clientId)) return NOT_NEW;
  const read = await context.teams.tryFresh(team, { deadlineMs });
  const found = read.ok && read.value !== undefined ? read.value : undefined;
  const member =
    found && (memberOf(found, { memberId: undefined, clientId }) ?? onlyCandidate(found, creation));
  if (member !== undefined && creation.membersBefore.includes(member.id)) return NOT_NEW;
  return { kind: 'created', server: { memberId: member?.id, clientId } };
}

/** The server returned an ID that existed before. Settling finds what it created, if anything, without that ID. */
const NOT_NEW: CreateOnServerResult = { kind: 'unknown', failure: { reason: 'other_answer' } };

function onlyCandidate(team: WandbTeam, { account, membersBefore }: Creation): ServiceMember | undefined {
  const candidates = candidatesOf(team, { name: account.name, membersBefore });
  return candidates.length === 1 ? candidates[0] : undefined;
}

async function withoutResponse(
  context: WandbContext,
  creation: Creation,
  failure: WandbFailure,
): Promise<CreateOnServerResult> {
  const reported = backendFailureOf(failure);
  // An account with the name now belongs to someone else, who may use its key.
  if (isConflict(failure)) {
    const message = 'messages' in failure ? failure.messages[0] : undefined;
    return { kind: 'not_created', failure: { reason: 'conflict', message }, isConflict: true };
  }
  if (!failure.mayHaveHappened) return { kind: 'not_created', failure: reported, isConflict: false };
  const { account, membersBefore, deadlineMs } = creation;
  const read = await context.teams.tryFresh(account.teamName, { deadlineMs });
  if (!read.ok || read.value === undefined) return { kind: 'unknown', failure: reported };
  const [candidate, ...others] = candidatesOf(read.value, { name: account.name, membersBefore });
  if (candidate === undefined && hasUnusableNamesake(read.value, account.name)) {
    return { kind: 'unknown', failure: reported };
  }
  if (candidate === undefined) {
    // With these failures the server itself has responded, so it isn't still working on the creation.
    return failure.reason === 'errors' || failure.reason === 'rate_limited'
      ? { kind: 'not_created', failure: reported, isConflict: false }
      : { kind: 'unknown', failure: reported };
  }
  const server = others.length === 0 ? identityOf(candidate, account.externalIdentity?.subject) : undefined;
  return server === undefined ? { kind: 'unknown', failure: reported } : { kind: 'created', server };
}

/** Returns whether the name or subject is taken. Some servers report it with a status, some in GraphQL errors. */
function isConflict(failure: WandbFailure): boolean {
  if (failure.reason === 'conflict') return true;
  return failure.reason === 'errors' && failure.messages.some((message) => /already exists/i.test(message));
}
