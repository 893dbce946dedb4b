import type { FastifyInstance } from 'fastify';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import { JWT_BEARER_GRANT, TOKEN_PATH } from './token-route.ts';

export interface WellKnownRoutesDependencies {
  ports: Pick<AuthorityPorts, 'accessTokens'>;
  /** Returns the URL at which workloads reach Keysmith, which is also the issuer of access tokens. */
  publicUrl: () => string;
}

const JWKS_PATH = '/.well-known/jwks.json';
/** OpenID Connect Discovery 1.0, section 4; RFC 8414, section 3. */
const METADATA_PATHS = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];

/** Much shorter than the hour for which a key is published before it signs. */
const CACHE_HEADERS = { 'cache-control': 'public, max-age=300' };

/** Adds the JWKS and the server metadata, by which a service verifies access tokens itself. */
export function addWellKnownRoutes(
  server: FastifyInstance,
  { ports, publicUrl }: WellKnownRoutesDependencies,
): void {
  server.get(JWKS_PATH, async (_request, reply) => {
    return reply.headers(CACHE_HEADERS).send(await ports.accessTokens.jwks());
  });
  for (const path of METADATA_PATHS) {
    server.get(path, async (_request, reply) => {
      const { keys } = await ports.accessTokens.jwks();
      const algorithms = new Set(keys.map(({ alg }) => String(alg)));
      return reply.headers(CACHE_HEADERS).send(metadata(publicUrl(), [...algorithms]));
    });
  }
}

function metadata(issuer: string, signingAlgorithms: readonly string[]) {
  const base = issuer.replace(/\/$/, '');
  return {
    issuer,
    jwks_uri: `${base}${JWKS_PATH}`,
    token_endpoint: `${base}${TOKEN_PATH}`,
    // The JWT identifies the workload: no client authenticates.
    token_endpoint_auth_methods_supported: ['none'],
    grant_types_supported: [JWT_BEARER_GRANT],
    introspection_endpoint: `${base}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
    // Required by the specifications, although no one signs in here.
    response_types_supported: [],
    subject_types_supported: ['public'],
    // Of access tokens: there are no ID tokens. Verifiers read here which algorithms to accept.
    id_token_signing_alg_values_supported: [...new Set(['RS256', ...signingAlgorithms])],
    scopes_supported: ['team', 'organization'],
  };
}
