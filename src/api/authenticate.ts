import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type UsedFrom,
  type VerificationFailure,
  type VerifiedCredential,
  verifyCredential,
} from '../application/authority/verify-credential.ts';
import type { AuthorityPorts } from '../application/ports/authority.ts';
import { StoreUnavailableError } from '../application/ports/store.ts';
import { sendError, sendStoreUnavailable } from './api-error.ts';
import { usedFrom } from './client-address.ts';
import { type FailureLimit, sendTooManyFailures } from './failure-limit.ts';
import { readCredential } from './request-credential.ts';

/**
 * Who sends this request: an account by its API key (Basic, the key as the password) or by a key or access token as
 * Bearer. Where the credential is missing or not good it has answered already (401 with `WWW-Authenticate`, 429 and
 * `Retry-After` after too many failures of the address, 503) and gives undefined.
 */
export type Authenticate = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<VerifiedCredential | undefined>;

export interface AuthenticateDependencies {
  ports: AuthorityPorts;
  failureLimit: FailureLimit;
}

export function createAuthenticate({ ports, failureLimit }: AuthenticateDependencies): Authenticate {
  return async (request, reply) => {
    const read = readCredential(request);
    if (!read.ok && read.reason === 'missing') return void sendMissing(reply);
    const from = usedFrom(request);
    try {
      const result = read.ok
        ? await verifyCredential(ports, read.credential, from)
        : ({ ok: false, reason: 'malformed' } as const);
      if (result.ok) return result.verified;
      await refuse(result.reason, from, reply);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      ports.logger.error({ err: error }, 'a credential could not be verified');
      sendStoreUnavailable(reply);
    }
    return undefined;
  };

  /** The reason is for the log alone: who holds a credential of others learns nothing about it. */
  async function refuse(reason: VerificationFailure, from: UsedFrom, reply: FastifyReply): Promise<void> {
    const failure = await failureLimit.failed(from.address);
    // Whoever fails a thousand times a minute fills no log.
    ports.logger[failure.limited ? 'debug' : 'info']({ reason, from: from.address }, 'credential refused');
    if (failure.limited) sendTooManyFailures(reply, failure.retryAfterSeconds);
    else sendNotGood(reply);
  }
}

/** RFC 6750, section 3: no error code to who sent no credential. */
function sendMissing(reply: FastifyReply): void {
  sendError(reply, {
    status: 401,
    error: 'missing_credential',
    description:
      'Send an API key or an access token: Authorization: Bearer, or Basic with the key as the password.',
    headers: { 'www-authenticate': challenge('Bearer realm="keysmith"') },
  });
}

function sendNotGood(reply: FastifyReply): void {
  sendError(reply, {
    status: 401,
    error: 'invalid_token',
    description: 'This API key or access token is not valid. The log of Keysmith has the reason.',
    headers: { 'www-authenticate': challenge('Bearer realm="keysmith", error="invalid_token"') },
  });
}

function challenge(bearer: string): string {
  return `${bearer}, Basic realm="keysmith"`;
}
