import type { AuthorityPorts, CallerLog } from '../../application/authority/authority-context.ts';
import type { UpstreamCredentials } from '../../application/gateway/upstream-credential.ts';
import { type GatewayRequest, sendProblem } from './gateway-request.ts';
import { findTarget } from './target-team.ts';
import { namedUser } from './upstream/forwarded-headers.ts';
import type { CallUpstream } from './upstream/upstream-call.ts';

export interface FileForwardingDependencies {
  ports: AuthorityPorts;
  log: CallerLog;
  credentials: UpstreamCredentials;
  call: CallUpstream;
}

/** Forwards the lines of a run and the downloads of files, as they arrive. */
export function createFileForwarding({ ports, log, credentials, call }: FileForwardingDependencies) {
  return async (gatewayRequest: GatewayRequest): Promise<void> => {
    const { request, reply, path, verified } = gatewayRequest;
    if (path.kind === 'graphql') throw new Error('not a path of a file');
    const named = { entity: path.entity, projects: path.project === undefined ? [] : [path.project] };
    const found = await findTarget({ ports, log }, verified.account, named, namedUser(request));
    if (!found.ok) return sendProblem(reply, found.problem);
    const { target } = found;
    const { teamName } = target;
    const credential = await credentials.of(teamName);
    if (credential.ok) return call(gatewayRequest, credential.credential, { target });
    if (credential.reason === 'none') {
      return sendProblem(reply, { problem: 'no_upstream_credential', teamName });
    }
    const { retryAfterSeconds } = credential;
    sendProblem(reply, { problem: 'upstream_rejected', teamName, retryAfterSeconds });
  };
}
