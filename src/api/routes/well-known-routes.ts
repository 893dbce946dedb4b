import type { FastifyInstance } from 'fastify';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import { oneMethod } from '../server/api-error.ts';
import { JWT_BEARER_GRANT, TOKEN_PATH } from './token-route.ts';

export interface WellKnownRoutesDependencies {
  ports: Pick<AuthorityPorts, 'accessTokens'>;
  /** Where workloads reach Keysmith; the issuer of access tokens. */
  publicUrl: () => string;
}

const JWKS_PATH = '/.well-known/jwks.json';
/** OpenID Connect Discovery 1.0, section 4; RFC 8414, section 3. */
const METADATA_PATHS = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];

/** Far less than the hour that a key is published before it signs. */
const CACHEABLE = { 'cache-control': 'public, max-age=300' };

/** What verifies access tokens without asking for each: the keys, and where everything is. */
export function addWellKnownRoutes(
  server: FastifyInstance,
  { ports, publicUrl }: WellKnownRoutesDependencies,
): void {
  oneMethod(server, {
    method: 'GET',
    url: JWKS_PATH,
    handler: async (_request, reply) => {
      const jwks = await ports.accessTokens.jwks();
      return reply.headers(CACHEABLE).send(jwks);
    },
  });
  for (const url of METADATA_PATHS) {
    oneMethod(server, {
      method: 'GET',
      url,
      handler: async (_request, reply) => reply.headers(CACHEABLE).send(metadata(publicUrl())),
    });
  }
}

function metadata(issuer: string) {
  const base = issuer.replace(/\/$/, '');
  return {
    issuer,
    jwks_uri: `${base}${JWKS_PATH}`,
    token_endpoint: `${base}${TOKEN_PATH}`,
    // The JWT says who it is: there is no client to authenticate.
    token_endpoint_auth_methods_supported: ['none'],
    grant_types_supported: [JWT_BEARER_GRANT],
    introspection_endpoint: `${base}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
    // Required by the specifications; nobody logs in here.
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['EdDSA'],
    scopes_supported: ['team', 'organization'],
  };
}
