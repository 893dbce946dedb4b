import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import { reachesTeam } from '../../application/authority/authorize-run.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { invalidRequest, sendError } from '../server/api-error.ts';
import type { Authenticate } from '../server/authenticate.ts';

export interface ForwardAuthRouteDependencies {
  ports: AuthorityPorts;
  authenticate: Authenticate;
}

type DemandedTeams = { ok: true; teams: readonly string[] } | { ok: false };

const TEAM_HEADER = 'x-keysmith-require-team';
const TEAM_NAME = /^[a-z0-9_-]{1,64}$/;

/**
 * Whether a gateway may let a request pass, told by headers alone. nginx (`auth_request`) and Traefik (`ForwardAuth`) ask for
 * exactly `/forward-auth`, and may demand a team with `?team=`. Envoy (`ext_authz` over HTTP) appends the path and query of
 * its client, which is not Envoy's word, to `/ext-authz`: it demands a team with the header `X-Keysmith-Require-Team`. Any
 * method is answered, as gateways send their client's, and no body is read.
 */
export function addForwardAuthRoute(
  server: FastifyInstance,
  dependencies: ForwardAuthRouteDependencies,
): void {
  const { ports, authenticate } = dependencies;
  const answer = async (request: FastifyRequest, reply: FastifyReply, demanded: DemandedTeams) => {
    if (hasBody(request)) reply.header('connection', 'close');
    if (!demanded.ok) {
      return sendError(
        reply,
        invalidRequest('Demand one team, as it stands in the address of its W&B page.'),
      );
    }
    const verified = await authenticate(request, reply);
    if (verified === undefined) return reply;
    const { account } = verified;
    for (const teamName of demanded.teams) {
      if (!(await reachesTeam(ports, account, teamName))) return sendForbidden(reply);
    }
    return reply.code(200).headers(accountHeaders(account)).send();
  };
  const route = { method: server.supportedMethods, handler: () => undefined };
  server.route({
    ...route,
    url: '/forward-auth',
    // Before a body is looked at.
    onRequest: (request, reply) => answer(request, reply, demandedTeams(request)),
  });
  server.route({
    ...route,
    url: '/ext-authz/*',
    onRequest: (request, reply) => answer(request, reply, oneEach(headerTeams(request))),
  });
}

/** It is not read: what follows on this connection would be taken for it, and the next request be lost. */
function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}

/** A misspelt demand would be none: whatever else stands in the query is refused. */
function demandedTeams(request: FastifyRequest): DemandedTeams {
  const { team = [], ...others } = request.query as { team?: string | string[] };
  if (Object.keys(others).length > 0) return { ok: false };
  return oneEach([team].flat(), headerTeams(request));
}

/** Each demand stands by itself: a client that adds one only narrows what it gets. */
function oneEach(...demands: readonly string[][]): DemandedTeams {
  const teams = demands.flat();
  const isOneEach = demands.every(({ length }) => length <= 1);
  return isOneEach && teams.every((team) => TEAM_NAME.test(team)) ? { ok: true, teams } : { ok: false };
}

function headerTeams({ raw }: FastifyRequest): string[] {
  return raw.headersDistinct[TEAM_HEADER] ?? [];
}

/** Node refuses header values with line breaks, so that no name can add a header. */
function accountHeaders(account: ServiceAccount): Record<string, string> {
  return {
    'x-keysmith-account': account.name,
    'x-keysmith-account-id': account.id,
    'x-keysmith-team': account.teamName,
    'x-keysmith-scope': account.scope,
  };
}

function sendForbidden(reply: FastifyReply): FastifyReply {
  return sendError(reply, {
    status: 403,
    error: 'insufficient_scope',
    description: 'This service account does not reach the team that is demanded here.',
  });
}
