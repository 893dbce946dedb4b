import type { FastifyInstance, FastifyReply } from 'fastify';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import type { FederationIssuer } from '../../application/gateway/federation-issuer.ts';
import { JWT_BEARER_GRANT, TOKEN_PATH } from './token-route.ts';

export interface WellKnownRoutesDependencies {
  ports: Pick<AuthorityPorts, 'accessTokens'>;
  /** Publishes the keys of identity federation too. Undefined without it. */
  federation?: Pick<FederationIssuer, 'jwks'> | undefined;
  /** Returns the URL at which workloads reach Keysmith, which is also the issuer of access tokens and of the JWTs for the W&B server. */
  publicUrl: () => string;
  /** Whether clients with a secret are configured. */
  hasClients: boolean;
}

const JWKS_PATH = '/.well-known/jwks.json';
/** OpenID Connect Discovery 1.0, section 4; RFC 8414, section 3. */
const METADATA_PATHS: readonly string[] = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
];
/** Where W&B servers of 2025 and before look for the metadata of an issuer. */
const FEDERATION_METADATA_PATHS = ['/.well-known/oidc-configuration'];

/** Much shorter than the hour for which a key is published before it signs. */
const CACHE_HEADERS = { 'cache-control': 'public, max-age=300' };
/** The documents are public, so pages of every origin may read them. No other route lets pages in. */
const CORS_HEADERS = { 'access-control-allow-origin': '*' };
const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': '*',
  'access-control-max-age': '86400',
};

/** Adds the JWKS and the server metadata. Services verify access tokens with them, and the W&B server verifies Keysmith's JWTs. */
export function addWellKnownRoutes(server: FastifyInstance, dependencies: WellKnownRoutesDependencies): void {
  const { ports, federation } = dependencies;
  const readKeys = async () => {
    const sets = await Promise.all([ports.accessTokens.jwks(), federation?.jwks()]);
    return { keys: sets.flatMap((set) => set?.keys ?? []) };
  };
  const serve = (url: string, read: () => Promise<object>) => {
    // Also on errors, so that a page learns what failed.
    const onRequest = async (_request: unknown, reply: FastifyReply) => void reply.headers(CORS_HEADERS);
    server.get(url, { onRequest }, async (_request, reply) =>
      reply.headers(CACHE_HEADERS).send(await read()),
    );
    server.options(url, { onRequest }, async (_request, reply) =>
      reply.code(204).headers(PREFLIGHT_HEADERS).send(),
    );
  };
  serve(JWKS_PATH, readKeys);
  for (const path of [...METADATA_PATHS, ...(federation ? FEDERATION_METADATA_PATHS : [])]) {
    serve(path, async () => {
      const { keys } = await readKeys();
      return metadata(
        dependencies,
        keys.map(({ alg }) => String(alg)),
      );
    });
  }
}

/** Returns only members with values: RFC 8414, section 3.2 wants empty ones omitted. */
function metadata({ publicUrl, hasClients }: WellKnownRoutesDependencies, signingAlgorithms: string[]) {
  const issuer = publicUrl();
  const base = issuer.replace(/\/$/, '');
  return {
    issuer,
    jwks_uri: `${base}${JWKS_PATH}`,
    token_endpoint: `${base}${TOKEN_PATH}`,
    // The JWT identifies the workload, so a client need not authenticate.
    token_endpoint_auth_methods_supported: [
      'none',
      ...(hasClients ? ['client_secret_basic', 'client_secret_post'] : []),
    ],
    grant_types_supported: [JWT_BEARER_GRANT],
    introspection_endpoint: `${base}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
    // Required, and `none` because there is no authorization endpoint.
    response_types_supported: ['none'],
    subject_types_supported: ['public'],
    // Of access tokens, as there are no ID tokens: verifiers read here which algorithms to accept.
    id_token_signing_alg_values_supported: [...new Set(['RS256', ...signingAlgorithms])],
    scopes_supported: ['team', 'organization'],
  };
}
