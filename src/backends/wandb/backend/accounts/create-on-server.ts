import type { BackendFailure } from '../../../../application/ports/backend.ts';
import type { ServerIdentity } from '../../../../application/ports/server-account-store.ts';
import type { ShownAccount, WantedAccount } from '../../../../domain/accounts/reconciliation.ts';
import { createClient, createServiceAccount } from '../../client/mutations.ts';
import type { WandbFailure, WandbResult } from '../../client/wandb-failure.ts';
import { backendFailureOf } from '../backend-failure.ts';
import { shownAccounts } from '../team-members.ts';
import type { WandbContext } from '../wandb-context.ts';
import type { Attempt } from './attempt.ts';

export type CreateOnServerResult =
  | { kind: 'created'; identity: ServerIdentity }
  | { kind: 'not_created'; failure: BackendFailure; isConflict: boolean }
  /** The account may exist on the server, now or in a moment. */
  | { kind: 'unknown'; failure: BackendFailure };

const NO_IDS: ServerIdentity = { memberId: undefined, clientId: undefined, scimId: undefined };

/** Sends the creation to the server once. Without a clear response, reads the team once to find the account by its tag. */
export async function createOnServer(context: WandbContext, attempt: Attempt): Promise<CreateOnServerResult> {
  const result = await send(context, attempt);
  context.teams.forget(attempt.account.teamName);
  if (result.ok && result.value === undefined) {
    return { kind: 'not_created', failure: { reason: 'refused', message: undefined }, isConflict: false };
  }
  if (result.ok && result.value?.memberId !== undefined) return { kind: 'created', identity: result.value };
  if (!result.ok && !result.failure.mayHaveHappened) return notCreated(result.failure);
  const found = await find(context, attempt, result.ok ? result.value?.clientId : undefined);
  if (found === 'another_account') return ANOTHER_ACCOUNT;
  if (found !== undefined) {
    const { memberId, clientId, scimId } = found;
    return { kind: 'created', identity: { memberId, clientId, scimId } };
  }
  if (result.ok && result.value !== undefined) return { kind: 'created', identity: result.value };
  if (!result.ok && isConflict(result.failure)) return notCreated(result.failure);
  const failure: BackendFailure = result.ok ? { reason: 'other_answer' } : backendFailureOf(result.failure);
  return { kind: 'unknown', failure };
}

/** The subject has a client already, which the server returned instead of a new one. */
const ANOTHER_ACCOUNT: CreateOnServerResult = {
  kind: 'not_created',
  failure: { reason: 'conflict', message: undefined },
  isConflict: true,
};

/** The value is undefined if the server says that it didn't create the account. */
async function send(
  { client }: WandbContext,
  { account, server, providerId, deadlineMs }: Attempt,
): Promise<WandbResult<ServerIdentity | undefined>> {
  const { teamName: team, externalIdentity } = account;
  const { name } = server;
  const options = { deadlineMs };
  if (externalIdentity === undefined || providerId === undefined) {
    const created = await createServiceAccount(client, { team, name }, options);
    return created.ok ? { ok: true, value: { ...NO_IDS, memberId: created.value } } : created;
  }
  const { subject } = externalIdentity;
  const created = await createClient(client, { team, providerId, subject, name }, options);
  if (!created.ok) return created;
  return {
    ok: true,
    value: created.value.created ? { ...NO_IDS, clientId: created.value.clientId } : undefined,
  };
}

async function find(
  { teams }: WandbContext,
  { account, server, deadlineMs }: Attempt,
  clientId: string | undefined,
): Promise<Pick<ShownAccount, 'memberId' | 'clientId' | 'scimId'> | 'another_account' | undefined> {
  const read = await teams.tryFresh(account.teamName, { deadlineMs });
  if (!read.ok || read.value === undefined) return undefined;
  const wanted: WantedAccount = { desired: 'present', ...server, ...NO_IDS, clientId };
  const [found, ...others] = shownAccounts(read.value, wanted, account.externalIdentity?.subject);
  if (others.length === 0 && found !== undefined && found.name !== server.name) return 'another_account';
  if (found === undefined || others.length > 0 || !found.isServiceAccount || !found.isComplete)
    return undefined;
  return found.memberId === undefined ? undefined : found;
}

function notCreated(failure: WandbFailure): CreateOnServerResult {
  if (!isConflict(failure)) {
    return { kind: 'not_created', failure: backendFailureOf(failure), isConflict: false };
  }
  const message = 'messages' in failure ? failure.messages[0] : undefined;
  return { kind: 'not_created', failure: { reason: 'conflict', message }, isConflict: true };
}

/** Returns whether the subject is taken. Some servers report it with a status, some in GraphQL errors. */
function isConflict(failure: WandbFailure): boolean {
  if (failure.reason === 'conflict') return true;
  return failure.reason === 'errors' && failure.messages.some((message) => /already exists/i.test(message));
}
