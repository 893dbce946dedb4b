import type { FastifyReply, FastifyRequest } from 'fastify';
import type { VerifiedCredential } from '../application/authority/verify-credential.ts';

/**
 * Who sends this request: an account by its API key (Basic, the key as the password) or by a key or access token as
 * Bearer. Where the credential is missing or not good it has answered already (401 with `WWW-Authenticate`, 429 and
 * `Retry-After` after too many failures of the address, 503) and gives undefined.
 */
export type Authenticate = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<VerifiedCredential | undefined>;
