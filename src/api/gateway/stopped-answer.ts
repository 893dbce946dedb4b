import type { CallerLog } from '../../application/authority/authority-context.ts';
import type { WritingRuns } from '../../application/gateway/writing-runs.ts';
import { type EndedCaller, rejectEnded } from './admit-workload.ts';
import type { GraphqlGuard } from './graphql/guarded-operation.ts';
import type { ReadGraphqlBody } from './operations/graphql-body.ts';

/** The document has a few lines. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Responds to a GraphQL request whose credential has ended: older SDKs poll whether their run should stop, and stop the script if
 * so. Every other request is 401, and nothing is forwarded.
 */
export function createStoppedAnswer({
  readBody,
  loadGuard,
  writingRuns,
  log,
}: {
  readBody: ReadGraphqlBody;
  loadGuard: () => Promise<GraphqlGuard>;
  writingRuns: WritingRuns;
  log: CallerLog;
}) {
  return async (caller: EndedCaller): Promise<void> => {
    const { ended, request, reply } = caller;
    const isShort = Number(request.headers['content-length'] ?? Number.NaN) <= MAX_BODY_BYTES;
    const body = isShort
      ? await readBody({ ...caller, accountId: ended.accountId }, MAX_BODY_BYTES)
      : { value: undefined };
    if (body === undefined) return;
    const guarded = (await loadGuard()).read(body.value);
    const asks = guarded.ok ? guarded.operation.asksStopped : undefined;
    if (asks !== undefined) {
      const { entity = ended.account.teamName, project = '', run: runId } = asks;
      if (writingRuns.shouldStop(ended, { entity, project, runId })) return void reply.send(asks.answer);
    }
    log.info({ reason: 'ended', account: ended.accountId, requestId: request.id }, 'credential rejected');
    rejectEnded(caller);
  };
}
