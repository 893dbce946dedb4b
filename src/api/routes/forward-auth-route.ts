import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import { reachesTeam } from '../../application/authority/authorize-run.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { readTeamName } from '../../domain/organization/team-name.ts';
import { sendError } from '../server/api-error.ts';
import type { Authenticate } from '../server/authenticate.ts';
import { hasBody } from '../server/body-reception.ts';

export interface ForwardAuthRouteDependencies {
  ports: AuthorityPorts;
  authenticate: Authenticate;
}

/**
 * Adds `/forward-auth` and `/ext-authz/*`, which tell a gateway by headers alone whether a request may pass.
 *
 * nginx (`auth_request`) and Traefik (`ForwardAuth`) call exactly `/forward-auth`, and may require a team with `?team=`.
 * Envoy (`ext_authz` over HTTP) appends its client's path and query to `/ext-authz`, where only the header
 * `X-Keysmith-Require-Team` requires a team. Both accept every method, as gateways forward their client's, and read no body.
 */
export function addForwardAuthRoute(
  server: FastifyInstance,
  { ports, authenticate }: ForwardAuthRouteDependencies,
): void {
  const authorize = async (request: FastifyRequest, reply: FastifyReply, required: RequiredTeams) => {
    // An unread body would be taken for the next request on the connection.
    if (hasBody(request.raw)) reply.header('connection', 'close');
    if (!required.ok) {
      const description = 'Specify exactly one team, by its exact name in W&B.';
      return sendError(reply, { reason: 'invalid_request', description });
    }
    const verified = await authenticate(request, reply);
    if (verified === undefined) return reply;
    const { account } = verified;
    for (const teamName of required.teams) {
      if (!(await reachesTeam(ports, account, teamName))) {
        return sendError(reply, { reason: 'team_not_accessible' });
      }
    }
    return reply.code(200).headers(accountHeaders(account)).send();
  };
  const route = { method: server.supportedMethods, handler: () => undefined };
  server.route({
    ...route,
    url: '/forward-auth',
    // Before Fastify parses a body.
    onRequest: (request, reply) => authorize(request, reply, teamsOfQueryAndHeader(request)),
  });
  server.route({
    ...route,
    url: '/ext-authz/*',
    onRequest: (request, reply) => authorize(request, reply, requiredTeams(teamsInHeader(request))),
  });
}

type RequiredTeams = { ok: true; teams: readonly string[] } | { ok: false };

const TEAM_HEADER = 'x-keysmith-require-team';

/** Refuses any other query parameter: a misspelled `team` would require nothing. */
function teamsOfQueryAndHeader(request: FastifyRequest): RequiredTeams {
  const { team = [], ...others } = request.query as { team?: string | string[] };
  if (Object.keys(others).length > 0) return { ok: false };
  return requiredTeams([team].flat(), teamsInHeader(request));
}

function teamsInHeader({ raw }: FastifyRequest): string[] {
  return (raw.headersDistinct[TEAM_HEADER] ?? []).map(fromHeader);
}

/** Every source may name one team, and all of them are required: a client that adds one only narrows its own access. */
function requiredTeams(...sources: readonly string[][]): RequiredTeams {
  const teams = sources.flat().map(readTeamName);
  const isOneEach = sources.every(({ length }) => length <= 1);
  return isOneEach && teams.every((team) => team !== undefined) ? { ok: true, teams } : { ok: false };
}

/** Percent-encodes characters that not every proxy passes on in a header: non-ASCII characters, commas and percent signs. */
function toHeader(name: string): string {
  return name.replace(/[^\x20-\x7e]+|[%,]/g, encodeURIComponent);
}

/**
 * Decodes a team name from a header. Node reads headers as Latin-1, and gateways send names in UTF-8 or percent-encoded. Returns
 * no name for invalid text and for a list, into which a proxy may join several headers.
 */
function fromHeader(value: string): string {
  if (value.includes(',')) return '';
  try {
    const bytes = Buffer.from(value, 'latin1');
    return decodeURIComponent(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return '';
  }
}

/** Node refuses header values with line breaks, so no name can add a header. */
function accountHeaders(account: ServiceAccount): Record<string, string> {
  return {
    'x-keysmith-account': account.name,
    'x-keysmith-account-id': account.id,
    'x-keysmith-team': toHeader(account.teamName),
    'x-keysmith-scope': account.scope,
  };
}
