import type { KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import { FIRST_KEY_NAME } from '../../domain/keys/key-name.ts';
import type { Team } from '../../domain/organization/team.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { AccountConflict } from '../ports/account-records.ts';
import type { AccountRequest, BackendFailure, UnknownOutcomeCause } from '../ports/backend.ts';
import { COLLECTION_LIFETIME_MS } from '../ports/store.ts';
import type { RequestedAccount } from './access-request.ts';
import type { AccountOfRequest, AccountOfRequestConflict, NewAccessRequest } from './request-store.ts';

export type RequestedAccountResult =
  | { kind: 'created' }
  | { kind: 'conflict'; reason: AccountConflict['reason'] | AccountOfRequestConflict }
  /** The W&B server created nothing. */
  | { kind: 'not_created'; failure: BackendFailure; link: string | undefined }
  /** Keysmith is finding out what the W&B server created, and notifies the requester. */
  | { kind: 'outcome_unknown'; cause: UnknownOutcomeCause };

/**
 * Creates the account of a request, in one write with what the request becomes. With an API key, the account has no key until the
 * requester collects one, and a W&B server has no account until then.
 *
 * @throws BackendUnavailableError, StoreUnavailableError: nothing was created
 */
export async function createRequestedAccount(
  ports: Ports,
  request: Omit<NewAccessRequest, 'teamId'> & { team: Team },
  written: Pick<AccountOfRequest, 'request' | 'auditEvent' | 'notifications' | 'places'> & {
    requestId: string;
  },
): Promise<RequestedAccountResult> {
  const { id, person, requested, team, confirmUntilMs } = request;
  const { requestId, ...ofRequest } = written;
  const nowMs = ports.now();
  const { name, purpose, usedBy, contact, authentication } = requested;
  const created = await ports.backend.createAccount({
    team,
    name,
    purpose: purpose ?? undefined,
    usedBy: usedBy ?? undefined,
    contact,
    authentication: authenticationOf(authentication),
    requestedBy: person,
    submissionId: id,
    requestId,
    notice: undefined,
    ofRequest: {
      ...ofRequest,
      collection:
        authentication.method === 'api_key'
          ? {
              id: ports.newId('col'),
              expiresAtMs: nowMs + COLLECTION_LIFETIME_MS,
              person,
              keyName: FIRST_KEY_NAME,
              keyExpiry: keyExpiryOf(authentication.keyExpiry, confirmUntilMs),
            }
          : undefined,
      nowMs,
    },
  });
  ports.wakeJobs();
  if (created.ok) {
    const { id: accountId, method } = created.account;
    ports.logger.info(
      { accountId, accessRequestId: id, team: team.name, method },
      'requested account created',
    );
    return { kind: 'created' };
  }
  switch (created.reason) {
    case 'backend_refused':
      return { kind: 'not_created', failure: created.failure, link: ports.backend.teamPage(team.name) };
    case 'outcome_unknown':
      return { kind: 'outcome_unknown', cause: created.cause };
    case 'not_admin':
      throw new Error('The backend checked a permission that the approval stands for.');
    default:
      return { kind: 'conflict', reason: created.reason };
  }
}

function authenticationOf(requested: RequestedAccount['authentication']): AccountRequest['authentication'] {
  return requested.method === 'api_key' ? { method: 'api_key_to_collect' } : requested;
}

/** The key of an urgent request ends with its time, until the request is confirmed. */
function keyExpiryOf(requested: KeyExpiry, confirmUntilMs: number | undefined): KeyExpiry {
  return confirmUntilMs === undefined ? requested : { atMs: confirmUntilMs };
}
