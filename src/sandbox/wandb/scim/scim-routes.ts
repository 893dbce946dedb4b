import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type HttpResponse, jsonResponse, textBody } from '../../http/local-server.ts';
import type { ChangesBy } from '../account-changes.ts';
import { authenticateByName, type Caller } from '../caller.ts';
import type { Capabilities } from '../capabilities.ts';
import { WandbError } from '../permissions.ts';
import type { RequestLog } from '../request-log.ts';
import { type RoutePlans, respondToRoute } from '../route-response.ts';
import type { WandbState } from '../wandb-state.ts';
import { listGroups, readGroup } from './scim-groups.ts';
import { scimError, scimErrorResponse } from './scim-response.ts';
import { createUser, deleteUser, listUsers, patchUser, readUser, type ScimContext } from './scim-users.ts';

interface ScimRouteParts extends RoutePlans {
  basePath: string;
  state: WandbState;
  capabilities: Readonly<Capabilities>;
  changesBy: ChangesBy;
  log: RequestLog;
}

type ScimRequest = FastifyRequest<{ Params: { id: string }; Querystring: { filter?: string } }>;
type Respond = (context: ScimContext, request: ScimRequest) => HttpResponse;

interface ScimRoute {
  /** The name under which failures and holds are planned. */
  operation: string;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  respond: Respond;
}

const routes: readonly ScimRoute[] = [
  route('scim_list_users', 'GET', '/Users', (context, { query }) => listUsers(context, query.filter)),
  route('scim_read_user', 'GET', '/Users/:id', (context, { params }) => readUser(context, params.id)),
  route('scim_create_user', 'POST', '/Users', (context, request) => createUser(context, textBody(request))),
  route('scim_patch_user', 'PATCH', '/Users/:id', (context, request) =>
    patchUser(context, request.params.id, textBody(request)),
  ),
  route('scim_delete_user', 'DELETE', '/Users/:id', (context, { params }) => deleteUser(context, params.id)),
  route('scim_list_groups', 'GET', '/Groups', (context, { query }) => listGroups(context, query.filter)),
  route('scim_read_group', 'GET', '/Groups/:id', (context, { params }) => readGroup(context, params.id)),
];

function route(operation: string, method: ScimRoute['method'], path: string, respond: Respond): ScimRoute {
  return { operation, method, path, respond };
}

/** Adds `/scim/`, for admins of the organization and its service accounts. */
export function addScimRoutes(server: FastifyInstance, parts: ScimRouteParts): void {
  for (const { operation, method, path, respond } of routes) {
    server.route<{ Params: { id: string }; Querystring: { filter?: string } }>({
      method,
      url: `${parts.basePath}/scim${path}`,
      handler: async (request, reply) => {
        const { headers, url } = request;
        const caller = authenticated(parts, request);
        const record = parts.log.beginRoute({
          method,
          path: url.replace(/\?.*/s, ''),
          headers,
          caller: caller.kind === 'user' ? caller.user.username : null,
        });
        const effect = () => respondTo(parts, request as ScimRequest, respond);
        await respondToRoute(reply, parts, { operation, record, effect });
      },
    });
  }
}

const authenticated = ({ state, capabilities }: ScimRouteParts, { headers }: FastifyRequest): Caller =>
  authenticateByName(state, headers.authorization, { takesBearer: capabilities.scimTakesBearer });

function respondTo(parts: ScimRouteParts, request: ScimRequest, respond: Respond): HttpResponse {
  if (!parts.capabilities.hasScim) return jsonResponse({ error: 'not found' }, { status: 404 });
  try {
    const caller = authenticated(parts, request);
    if (caller.kind !== 'user') throw scimError(401, 'user is not logged in');
    if (!caller.user.admin && !caller.user.isOrganizationAccount) throw scimError(403, 'permission denied');
    return respond({ ...parts, changes: parts.changesBy(caller.user) }, request);
  } catch (error) {
    if (!(error instanceof WandbError)) throw error;
    return scimErrorResponse(error);
  }
}
