import { createHash, type KeyObject, verify } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type LeakPorts, reportLeaks } from '../../application/leaks/report-leaks.ts';
import { StoreUnavailableError } from '../../application/ports/store.ts';
import { parseApiKey } from '../../domain/keys/api-key.ts';
import { createLimitedLog, type EventLog } from '../../log/limited-log.ts';
import { parseBoundedJson } from '../../net/json-bounds.ts';
import { sendError } from '../server/api-error.ts';
import { beforeBody } from '../server/authenticate.ts';
import { type FailureLimit, REFUSALS_LOGGED_PER_MINUTE, usedFrom } from '../server/failure-limit.ts';

const LEAKS_PATH = '/v1/leaks';
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_MATCHES = 1_000;
/** GitHub's matches have four fields each. */
const JSON_BOUNDS = { maxDepth: 4, maxCommas: 10_000, maxContainers: 2_000 };

/** A key with which a scanner signs its reports. */
interface LeakKey {
  id: string;
  publicKey: KeyObject;
}

export interface LeaksRouteDependencies {
  ports: LeakPorts & { logger: Parameters<typeof createLimitedLog>[0] };
  keys: readonly LeakKey[];
  failureLimit: FailureLimit;
}

/** GitHub also sends a match without a URL. */
const report = z
  .array(
    z.object({
      token: z.string().min(1).max(10_000),
      type: z.string().max(200).default(''),
      url: z.string().max(10_000).nullish(),
      source: z.string().max(200).nullish(),
    }),
  )
  .max(MAX_MATCHES);
type Report = z.infer<typeof report>;

/**
 * Adds `POST /v1/leaks`, which receives keys that were found in public, in the format of GitHub's secret scanning partner program
 * (docs.github.com/code-security/secret-scanning/secret-scanning-partnership-program). Never logs a body.
 */
export function addLeaksRoute(server: FastifyInstance, dependencies: LeaksRouteDependencies): void {
  const { ports, keys, failureLimit } = dependencies;
  const log = createLimitedLog(ports.logger, { linesPerWindow: REFUSALS_LOGGED_PER_MINUTE });
  const rejected = { failureLimit, log };
  const { onRequest, callerOf } = beforeBody(async (request, reply) => {
    const signer = keys.find(({ id }) => id === request.headers['github-public-key-identifier']);
    if (signer === undefined) await rejectSignature(request, reply, rejected);
    return signer;
  });
  const config = { keepsJsonText: true };
  server.post(LEAKS_PATH, { onRequest, bodyLimit: MAX_BODY_BYTES, config }, async (request, reply) => {
    const text = typeof request.body === 'string' ? request.body : '';
    if (!isSigned(request, text, callerOf(request))) return rejectSignature(request, reply, rejected);
    const matches = readReport(text);
    if (matches === undefined) {
      const description = `The body must be a JSON array of at most ${MAX_MATCHES} objects with token, type, url and source.`;
      return sendError(reply, { reason: 'invalid_request', description });
    }
    try {
      const found = matches.map(({ token, url, source }) => ({
        token,
        url: url ?? '',
        source: source ?? '',
      }));
      const counts = await reportLeaks(ports, found, request.id);
      log.info({ matches: matches.length, ...counts, requestId: request.id }, 'leak report received');
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      log.error({ err: error, requestId: request.id }, 'leak report not recorded');
      return sendError(reply, { reason: 'store_unavailable', fault: error.fault, reference: request.id });
    }
    return reply.code(200).send(matches.map(feedbackOf));
  });
}

function isSigned(request: FastifyRequest, text: string, { publicKey }: LeakKey): boolean {
  const signature = request.headers['github-public-key-signature'];
  if (typeof signature !== 'string' || !/^[\w+/]{1,200}={0,2}$/.test(signature)) return false;
  return verify('sha256', Buffer.from(text, 'utf8'), publicKey, Buffer.from(signature, 'base64'));
}

function readReport(text: string): Report | undefined {
  const parsed = parseBoundedJson(text, JSON_BOUNDS);
  const read = parsed.ok ? report.safeParse(parsed.value) : undefined;
  return read?.success ? read.data : undefined;
}

/**
 * Returns GitHub's feedback about one match. It depends on the shape and checksum alone, so it doesn't say whether there is such a key,
 * or whether it works.
 */
function feedbackOf({ token, type }: Report[number]) {
  return {
    token_hash: createHash('sha256').update(token, 'utf8').digest('hex'),
    token_type: type,
    label: parseApiKey(token) === undefined ? 'false_positive' : 'true_positive',
  };
}

async function rejectSignature(
  request: FastifyRequest,
  reply: FastifyReply,
  { failureLimit, log }: { failureLimit: FailureLimit; log: EventLog },
): Promise<void> {
  const { address } = usedFrom(request);
  const failure = await failureLimit.countFailure(address);
  // Past the limit at debug level, so that callers can't fill the log.
  log[failure.limited ? 'debug' : 'info']({ from: address }, 'leak report rejected');
  sendError(
    reply,
    failure.limited
      ? { reason: 'too_many_failures', retryAfterSeconds: failure.retryAfterSeconds }
      : { reason: 'signature_rejected' },
  );
}
