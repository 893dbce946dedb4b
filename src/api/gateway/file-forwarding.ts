import type { AuthorityPorts, CallerLog } from '../../application/authority/authority-context.ts';
import type { VerifiedCredential } from '../../application/authority/verify-credential.ts';
import type { UpstreamCredentials } from '../../application/gateway/upstream-credential.ts';
import type { Writer, WritingRuns } from '../../application/gateway/writing-runs.ts';
import type { WrittenRun } from '../../application/ports/gateway.ts';
import type { GatewayCounts } from './gateway-metrics.ts';
import type { GatewayPath } from './gateway-paths.ts';
import { type GatewayRequest, sendProblem } from './gateway-request.ts';
import { findTarget } from './target-team.ts';
import { detachBody, readShortBody, shortLength } from './unread-body.ts';
import { namedUser } from './upstream/forwarded-headers.ts';
import type { CallUpstream } from './upstream/upstream-call.ts';

export interface FileForwardingDependencies {
  ports: AuthorityPorts;
  log: CallerLog;
  /** Gets one line for each run that an account begins to write. */
  runLog: CallerLog;
  credentials: UpstreamCredentials;
  call: CallUpstream;
  writingRuns: WritingRuns;
  counts: GatewayCounts;
}

/** Forwards the lines of a run and the downloads of files, as they arrive. */
export function createFileForwarding(dependencies: FileForwardingDependencies) {
  const { ports, log, credentials, call, counts, writingRuns } = dependencies;
  return async (gatewayRequest: GatewayRequest): Promise<void> => {
    const { request, path, verified, over } = gatewayRequest;
    if (path.kind === 'graphql') throw new Error('not a path of a file');
    const named = { entity: path.entity, projects: path.project === undefined ? [] : [path.project] };
    const found = await findTarget({ ports, log }, verified.account, named, namedUser(request));
    if (!found.ok) {
      counts.refused(found.problem.problem);
      return sendProblem(gatewayRequest, found.problem);
    }
    const { target } = found;
    const { teamName } = target;
    const credential = await credentials.of(teamName);
    if (credential.ok) {
      let body: Buffer | undefined;
      if (request.body !== undefined) {
        request.acceptBody({ untimed: true });
        const length = shortLength(request.raw);
        if (length === undefined) request.body = detachBody(request.raw);
        else {
          body = await readShortBody(request.raw, { length, over });
          if (body === undefined) return;
        }
      }
      return call(gatewayRequest, credential.credential, {
        target,
        ...(body && { body }),
        onStatus(status) {
          const run = writtenRun(path);
          if (run === undefined || status >= 300) return;
          noteWritten(dependencies, verified, run);
          if (body !== undefined && isLastOfRun(body)) writingRuns.finished(writerOf(verified), run);
        },
      });
    }
    if (credential.reason === 'none') {
      counts.refused('no_upstream_credential');
      // For newer SDKs, a 403 ends a run's upload for good; older ones drop lines and say nothing.
      const isUnderWay = wroteLately(dependencies.writingRuns, verified, writtenRun(path));
      const problem = isUnderWay ? 'upstream_credential_removed' : 'no_upstream_credential';
      return sendProblem(gatewayRequest, { problem, teamName });
    }
    const { retryAfterSeconds } = credential;
    sendProblem(gatewayRequest, { problem: 'upstream_rejected', teamName, retryAfterSeconds });
  };
}

/** Returns the run whose lines a request sends. */
export function writtenRun(path: GatewayPath): WrittenRun | undefined {
  if (path.kind !== 'file_stream') return undefined;
  return { entity: path.entity, project: path.project, runId: path.run };
}

/**
 * Returns whether the lines are the last ones of a run. SDKs send them in a short body, without compression by default; a run whose
 * end isn't noticed counts as one that may go on. Within a string of JSON, the quotes would be escaped.
 */
function isLastOfRun(body: Buffer): boolean {
  return /"complete"\s*:\s*true/.test(body.toString('latin1'));
}

function noteWritten(
  { writingRuns, runLog }: FileForwardingDependencies,
  verified: VerifiedCredential,
  run: WrittenRun,
): void {
  const writer = writerOf(verified);
  if (!writingRuns.wrote(writer, run)) return;
  const { id: account, name: accountName } = verified.account;
  runLog.info({ account, accountName, keyId: writer.keyId, ...run }, 'run first written');
}

function wroteLately(
  writingRuns: WritingRuns,
  { account }: VerifiedCredential,
  run: WrittenRun | undefined,
): boolean {
  return writingRuns
    .ofAccount(account.id)
    .some(
      ({ entity, project, runId }) =>
        entity === run?.entity && project === run.project && runId === run.runId,
    );
}

function writerOf({ account, credential }: VerifiedCredential): Writer {
  return { accountId: account.id, keyId: credential.kind === 'api_key' ? credential.keyId : undefined };
}
