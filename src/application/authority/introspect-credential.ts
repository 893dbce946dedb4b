import type { Secret } from '../../domain/secret.ts';
import type { AuthorityPorts } from '../ports/authority.ts';
import { type VerifiedCredential, verifyCredential } from './verify-credential.ts';

/** A service that was given a credential, and asks what it is good for. */
export interface IntrospectingClient {
  id: string;
  address: string;
}

/**
 * What a credential is good for, asked by who was given it. That is a use of it, for which whoever rotates it must wait;
 * from where it came, only the asking service knows, so that one is noted instead.
 *
 * @returns undefined for whatever is not good now; the log has the reason
 * @throws StoreUnavailableError
 */
export async function introspectCredential(
  ports: AuthorityPorts,
  credential: Secret,
  client: IntrospectingClient,
): Promise<VerifiedCredential | undefined> {
  const from = { address: client.address, userAgent: `introspection by ${client.id}` };
  const result = await verifyCredential(ports, credential, from);
  if (result.ok) return result.verified;
  ports.logger.info({ reason: result.reason, introspectedBy: client.id }, 'credential not active');
  return undefined;
}
