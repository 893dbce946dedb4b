import type { AuthorityPorts, CallerLog } from '../../../application/authority/authority-context.ts';
import type {
  UpstreamCredential,
  UpstreamCredentials,
} from '../../../application/gateway/upstream-credential.ts';
import { mayReachTeam } from '../../../domain/organization/run-authorization.ts';
import type { ExecuteForCaller } from '../../graphql/graphql-route.ts';
import { readGraphqlRequest } from '../../graphql/read-graphql-request.ts';
import { sendError } from '../../server/api-error.ts';
import type { GatewayCounts } from '../gateway-metrics.ts';
import { type GatewayRequest, sendProblem } from '../gateway-request.ts';
import { type GraphqlGuard, type GuardedOperation, teamScope } from '../graphql/guarded-operation.ts';
import { type FindTargetResult, findTarget, type Target } from '../target-team.ts';
import { namedUser } from '../upstream/forwarded-headers.ts';
import type { CallUpstream } from '../upstream/upstream-call.ts';
import type { RespondEdited } from './graphql-answers.ts';
import type { ReadGraphqlBody } from './graphql-body.ts';
import { type SeenIds, withSeenScope } from './seen-ids.ts';

export interface GraphqlForwardingDependencies {
  ports: AuthorityPorts;
  log: CallerLog;
  counts: GatewayCounts;
  readBody: ReadGraphqlBody;
  loadGuard: () => Promise<GraphqlGuard>;
  credentials: UpstreamCredentials;
  seenIds: SeenIds;
  call: CallUpstream;
  respondEdited: RespondEdited;
  /** Executes a request on Keysmith's own schema. */
  executeOwn: ExecuteForCaller;
}

/** Responds to a GraphQL request: from the W&B server, as far as the guard allows, or from Keysmith's own schema. */
export function createGraphqlForwarding(dependencies: GraphqlForwardingDependencies) {
  const { readBody, loadGuard, credentials, counts } = dependencies;
  return async (gatewayRequest: GatewayRequest): Promise<void> => {
    const { reply, verified } = gatewayRequest;
    const body = await readBody({ ...gatewayRequest, accountId: verified.account.id });
    if (body === undefined) return;
    const guarded = (await loadGuard()).read(body.value);
    if (!guarded.ok) {
      const { status, kind: code, message: description } = guarded;
      counts.refused(code);
      return void sendError(reply, { reason: 'gateway', status, code, description });
    }
    const { operation } = guarded;
    const found = await findOperationTarget(dependencies, gatewayRequest, operation);
    if (!found.ok) {
      counts.refused(found.problem.problem);
      return sendProblem(gatewayRequest, found.problem);
    }
    const { target } = found;
    const credential = await credentials.of(target.teamName);
    if (credential.ok) return forward(dependencies, gatewayRequest, { operation, target, ...credential });
    if (credential.reason === 'none') {
      return await respondAlone(dependencies, gatewayRequest, { operation, target, body: body.value });
    }
    const { retryAfterSeconds } = credential;
    sendProblem(gatewayRequest, {
      problem: 'upstream_rejected',
      teamName: target.teamName,
      retryAfterSeconds,
    });
  };
}

async function findOperationTarget(
  { ports, log, seenIds }: GraphqlForwardingDependencies,
  { request, verified: { account } }: GatewayRequest,
  { named, namedIds, staysInProject }: GuardedOperation,
): Promise<FindTargetResult> {
  const scope = teamScope(named);
  if (!scope.ok) return { ok: false, problem: { problem: 'several_teams' } };
  const withIds = withSeenScope(seenIds, account, namedIds, scope);
  const found = await findTarget({ ports, log }, account, withIds, namedUser(request));
  if (!found.ok) return found;
  const { teamName } = found.target;
  // The account may use an open project of this team, but see nothing else of the team.
  if (staysInProject || mayReachTeam(account, teamName)) return found;
  return { ok: false, problem: { problem: 'not_accessible', entity: teamName, project: undefined } };
}

function forward(
  { seenIds, call, respondEdited, counts }: GraphqlForwardingDependencies,
  gatewayRequest: GatewayRequest,
  {
    operation,
    target,
    credential,
  }: { operation: GuardedOperation; target: Target; credential: UpstreamCredential },
): void {
  const { verified } = gatewayRequest;
  const { account } = verified;
  const { teamName } = target;
  // Otherwise, W&B itself keeps every ID within the account's team.
  const needsKnownIds = credential.isWider || !mayReachTeam(account, teamName);
  const isKnown = (id: string) => seenIds.scopeOf(account.id, id)?.entity === teamName;
  if (needsKnownIds && !operation.namedIds.every(isKnown)) {
    counts.refused('unseen_id');
    sendProblem(gatewayRequest, { problem: 'unseen_id', teamName });
    return;
  }
  const noteIds = needsKnownIds && operation.selectsIds;
  counts.masked(operation.edit?.maskedFields ?? 0);
  const isEdited = noteIds || operation.edit !== undefined;
  call(gatewayRequest, credential, {
    target,
    json: operation.body,
    ...(isEdited && {
      respond: (response) =>
        respondEdited(gatewayRequest, response, {
          edit: operation.edit,
          onAnswer(answer) {
            if (noteIds) seenIds.note(account.id, operation.collectIds(answer), target.scope);
          },
        }),
    }),
  });
}

/** Serves what clients ask to identify themselves. Everything else needs the W&B server. */
async function respondAlone(
  { executeOwn, counts }: GraphqlForwardingDependencies,
  gatewayRequest: GatewayRequest,
  { operation, target, body }: { operation: GuardedOperation; target: Target; body: unknown },
): Promise<void> {
  const { reply, verified } = gatewayRequest;
  const read = readGraphqlRequest(body);
  if (!operation.isMutation && read.ok) {
    const executed = await executeOwn(read.request, verified);
    if (executed.status === 200) return void reply.code(200).send(executed.body);
  }
  counts.refused('no_upstream_credential');
  sendProblem(gatewayRequest, { problem: 'no_upstream_credential', teamName: target.teamName });
}
