import type { BackendFailure } from '../../../../application/ports/backend.ts';
import type { ServerIdentity } from '../../../../application/ports/server-account-store.ts';
import type { WantedAccount } from '../../../../domain/accounts/reconciliation.ts';
import { createClient, createServiceAccount } from '../../client/mutations.ts';
import type { WandbFailure, WandbResult } from '../../client/wandb-failure.ts';
import { backendFailureOf } from '../backend-failure.ts';
import type { WandbContext } from '../wandb-context.ts';
import type { Attempt } from './attempt.ts';
import { readShown } from './read-shown.ts';

export type CreateOnServerResult =
  | { kind: 'created'; identity: ServerIdentity }
  /** `mayAppear`: known only from the team's members, and the server may be slow to show a new one. */
  | { kind: 'not_created'; failure: BackendFailure; isConflict: boolean; mayAppear?: true }
  /** The account may exist on the server, now or in a moment. */
  | { kind: 'unknown'; failure: BackendFailure };

const NO_IDS: ServerIdentity = { memberId: undefined, clientId: undefined, scimId: undefined };

/** Sends the creation to the server once. Without a clear response, reads the team once to find the account by its tag. */
export async function createOnServer(context: WandbContext, attempt: Attempt): Promise<CreateOnServerResult> {
  const result = await send(context, attempt);
  context.teams.forget(attempt.account.teamName);
  if (!result.ok && !result.failure.mayHaveHappened) return notCreated(result.failure);
  if (result.ok && result.value === undefined) return REFUSED;
  const returned = result.ok ? result.value : undefined;
  // A client's ID may be that of an earlier account with the same subject.
  if (returned !== undefined && returned.clientId === undefined) {
    const identity =
      returned.scimId === undefined ? returned : await withMemberId(context, attempt, returned);
    return { kind: 'created', identity };
  }
  const found = await find(context, attempt, returned?.clientId);
  if (found === 'another_account') return ANOTHER_ACCOUNT;
  if (typeof found === 'object') return { kind: 'created', identity: found };
  if (returned !== undefined) return { kind: 'created', identity: returned };
  if (!result.ok && found === 'none' && isAnswer(result.failure))
    return { ...notCreated(result.failure), mayAppear: true };
  const failure: BackendFailure = result.ok ? { reason: 'other_answer' } : backendFailureOf(result.failure);
  return { kind: 'unknown', failure };
}

const REFUSED: CreateOnServerResult = {
  kind: 'not_created',
  failure: { reason: 'refused', message: undefined },
  isConflict: false,
};

/** The server returned an existing client of the subject instead of a new one. */
const ANOTHER_ACCOUNT: CreateOnServerResult = {
  kind: 'not_created',
  failure: { reason: 'conflict', message: undefined },
  isConflict: true,
};

/** Returns the new account's IDs, or undefined as the value if the server reports that it created nothing. */
async function send(
  context: WandbContext,
  attempt: Attempt,
): Promise<WandbResult<ServerIdentity | undefined>> {
  const { account, server, providerId, deadlineMs } = attempt;
  const { teamName: team, externalIdentity } = account;
  const { name } = server;
  const options = { deadlineMs };
  if (externalIdentity === undefined || providerId === undefined) {
    const byScim = attempt.key === undefined ? await sendByScim(context, attempt) : undefined;
    if (byScim !== undefined) return byScim;
    const created = await createServiceAccount(context.client, { team, name }, options);
    return created.ok ? { ok: true, value: { ...NO_IDS, memberId: created.value } } : created;
  }
  const { subject } = externalIdentity;
  const created = await createClient(context.client, { team, providerId, subject, name }, options);
  if (!created.ok) return created;
  return {
    ok: true,
    value: created.value.created ? { ...NO_IDS, clientId: created.value.clientId } : undefined,
  };
}

/** Only an account with this tag can have the name, so an earlier try has created it. */
const NAME_TAKEN: WandbFailure = { reason: 'conflict', messages: [], mayHaveHappened: true };

/** Returns undefined if only GraphQL can create the account. */
async function sendByScim(
  { scim }: WandbContext,
  { account: { teamName: team }, server: { name }, deadlineMs }: Attempt,
): Promise<WandbResult<ServerIdentity> | undefined> {
  const availability = await scim.availability({ deadlineMs });
  if (!availability.ok || availability.value !== 'available') return undefined;
  const created = await scim.createServiceAccount({ name, team, accountType: 'SERVICE' }, { deadlineMs });
  if (created.outcome === 'created') return { ok: true, value: { ...NO_IDS, scimId: created.id } };
  if (created.outcome === 'name_taken') return { ok: false, failure: NAME_TAKEN };
  const mayBeCreated = created.outcome === 'failed' && created.failure.mayHaveHappened;
  return mayBeCreated ? { ok: false, failure: created.failure } : undefined;
}

async function find(
  context: WandbContext,
  { account, server, deadlineMs }: Attempt,
  clientId: string | undefined,
): Promise<ServerIdentity | 'another_account' | 'none' | 'not_known'> {
  const wanted: WantedAccount = { desired: 'present', ...server, ...NO_IDS, clientId };
  const read = await readShown(context, account, wanted, { deadlineMs });
  if (!read.ok || read.value === undefined) return 'not_known';
  const [found, ...others] = read.value.shown;
  if (found === undefined) return 'none';
  if (others.length > 0) return 'not_known';
  if (found.name !== server.name) return 'another_account';
  const { memberId, scimId, isServiceAccount, isComplete } = found;
  const isUsable = isServiceAccount && isComplete && (memberId !== undefined || scimId !== undefined);
  return isUsable ? { memberId, scimId, clientId: found.clientId ?? clientId } : 'not_known';
}

/** Adds the ID by which GraphQL and the audit log know an account that SCIM created, if the server already shows it. */
async function withMemberId(
  context: WandbContext,
  attempt: Attempt,
  created: ServerIdentity,
): Promise<ServerIdentity> {
  const found = await find(context, attempt, undefined);
  return typeof found === 'object' && found.scimId === created.scimId
    ? { ...created, memberId: found.memberId }
    : created;
}

function notCreated(failure: WandbFailure): Extract<CreateOnServerResult, { kind: 'not_created' }> {
  if (!isConflict(failure)) {
    return { kind: 'not_created', failure: backendFailureOf(failure), isConflict: false };
  }
  const message = 'messages' in failure ? failure.messages[0] : undefined;
  return { kind: 'not_created', failure: { reason: 'conflict', message }, isConflict: true };
}

/** Returns whether the response very likely comes from the server itself, so that the creation isn't still in progress. */
function isAnswer(failure: WandbFailure): boolean {
  return isConflict(failure) || failure.reason === 'errors' || failure.reason === 'rate_limited';
}

/** Returns whether the subject is taken. Some servers report it with a status, some in GraphQL errors. */
function isConflict(failure: WandbFailure): boolean {
  if (failure.reason === 'conflict') return true;
  return failure.reason === 'errors' && failure.messages.some((message) => /already exists/i.test(message));
}
