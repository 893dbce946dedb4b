import { parseBoundedJson } from '../../../net/json-bounds.ts';
import type { RequestBodies } from '../../../net/request-bodies.ts';
import { sendError } from '../../server/api-error.ts';
import { UnfinishedBodyError } from '../../server/error-handling.ts';
import { readBodyText } from '../../server/request-body.ts';
import { type GatewayRequest, sendProblem } from '../gateway-request.ts';
import type { MemoryBudget } from './memory-budget.ts';

/**
 * Reads the body of a GraphQL request. Returns undefined after it has sent an error.
 *
 * @throws UnfinishedBodyError, and when the connection closes
 */
export type ReadGraphqlBody = (
  caller: Pick<GatewayRequest, 'request' | 'reply' | 'over'> & { accountId: string },
  maxBytes?: number,
) => Promise<{ value: unknown } | undefined>;

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const BODY_WITHIN_MS = 60_000;
/** Large enough for the files of an artifact that an SDK creates at once. */
const JSON_BOUNDS = { maxDepth: 64, maxCommas: 150_000 };

/** @param options `bodies` is shared with no other route: SDKs send up to 16 MiB here. */
export function createReadGraphqlBody({
  bodies,
  budget,
}: {
  bodies: RequestBodies;
  budget: MemoryBudget;
}): ReadGraphqlBody {
  return async (caller, maxBytes = MAX_BODY_BYTES) => {
    const { request, reply, over, accountId } = caller;
    // Browsers send other types to foreign servers without asking, and W&B's server reads them differently.
    if (!/^application\/json(?:\s*;|$)/i.test(request.headers['content-type'] ?? '')) {
      sendError(reply, { reason: 'content_type_not_supported', expected: 'application/json' });
      return undefined;
    }
    const announced = Number(request.headers['content-length'] ?? maxBytes);
    if (announced > maxBytes) throw new UnfinishedBodyError({ reason: 'body_too_large' });
    const held = budget.hold(accountId);
    over.addEventListener('abort', held.release, { once: true });
    if (over.aborted || !held.resize(announced)) {
      held.release();
      sendProblem(caller, { problem: 'busy' });
      return undefined;
    }
    request.acceptBody({ untimed: true });
    const limits = { bodies, maxBytes, withinMs: BODY_WITHIN_MS };
    const text = await readBodyText(request, request.raw, limits);
    const parsed = parseBoundedJson(text, JSON_BOUNDS);
    if (parsed.ok) return { value: parsed.value };
    const description =
      parsed.reason === 'too_large'
        ? 'The body is nested too deeply or has too many values.'
        : 'The body is not valid JSON.';
    sendError(reply, { reason: 'invalid_request', description });
    return undefined;
  };
}
