import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import { authorizeRun, type RunRequest } from '../../application/authority/authorize-run.ts';
import { readProjectName } from '../../domain/accounts/names.ts';
import { containsCredential } from '../../domain/keys/pasted-credential.ts';
import { createLimitedLog } from '../../log/limited-log.ts';
import { INSUFFICIENT_SCOPE, sendError } from '../server/api-error.ts';
import { type Authenticate, beforeBody } from '../server/authenticate.ts';
import { REFUSALS_LOGGED_PER_MINUTE } from '../server/failure-limit.ts';

export interface RunsAuthorizeRouteDependencies {
  ports: Pick<AuthorityPorts, 'store' | 'statedUsernames' | 'logger'>;
  authenticate: Authenticate;
}

/**
 * Adds `POST /v1/runs/authorize`: returns where a run of the caller goes, whether it is allowed, and to whom it is attributed.
 * Names in the body take precedence over the headers that the W&B SDKs send.
 */
export function addRunsAuthorizeRoute(
  server: FastifyInstance,
  { ports: { logger, ...ports }, authenticate }: RunsAuthorizeRouteDependencies,
): void {
  const log = createLimitedLog(logger, { linesPerWindow: REFUSALS_LOGGED_PER_MINUTE });
  const { onRequest, callerOf } = beforeBody(authenticate);
  server.post('/v1/runs/authorize', { onRequest }, async (request, reply) => {
    if (request.body instanceof URLSearchParams) {
      return sendError(reply, { reason: 'content_type_not_supported', expected: 'application/json' });
    }
    const run = readRun(request);
    if (run === undefined) {
      const description =
        'Send a JSON object with project and, optionally, entity, username and email: strings without line breaks.';
      return sendError(reply, { reason: 'invalid_request', description });
    }
    const result = await authorizeRun({ ...ports, log }, callerOf(request).account, run);
    if (!result.allowed) {
      return reply.code(403).headers(INSUFFICIENT_SCOPE).send({ allowed: false, reason: result.reason });
    }
    const { entity, attributedTo, reason } = result;
    return { allowed: true, entity, project: run.project, attributed_to: attributedTo, reason };
  });
}

const MAX_LENGTH = 320;

/** Refuses line breaks, and a credential in the wrong field: the response would repeat it, and responses may be logged. */
const isClean = (text: string) => !/\p{Cc}/u.test(text) && !containsCredential(text);

/** Empty counts as absent, like an environment variable that is set to nothing. */
const optionalText = z
  .string()
  .max(MAX_LENGTH)
  .nullish()
  .transform((text) => text?.trim() || undefined)
  .refine((text) => text === undefined || isClean(text));

const bodySchema = z.object({
  entity: optionalText,
  project: z
    .string()
    .max(MAX_LENGTH)
    .refine(isClean)
    .transform((text, context) => {
      const name = readProjectName(text);
      if (name !== undefined) return name;
      context.addIssue('not a project name');
      return z.NEVER;
    }),
  username: optionalText,
  email: optionalText,
});

function readRun(request: FastifyRequest): RunRequest | undefined {
  const body = bodySchema.safeParse(request.body);
  if (!body.success) return undefined;
  const { entity, project, username, email } = body.data;
  return {
    entity,
    project,
    username: username ?? readHeader(request, 'x-wandb-username'),
    email: email ?? readHeader(request, 'x-wandb-user-email'),
  };
}

/** Keeps a header of any length: one that is too long to be a name isn't the same as none. */
function readHeader(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value.trim() || undefined : undefined;
}
