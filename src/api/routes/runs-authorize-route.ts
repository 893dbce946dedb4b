import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import { authorizeRun, type RunRequest } from '../../application/authority/authorize-run.ts';
import { readProjectName } from '../../domain/accounts/names.ts';
import { API_KEY_PATTERN } from '../../domain/keys/api-key.ts';
import { invalidRequest, oneMethod, sendError, unsupportedContentType } from '../server/api-error.ts';
import type { Authenticate } from '../server/authenticate.ts';

export interface RunsAuthorizeRouteDependencies {
  ports: Pick<AuthorityPorts, 'store' | 'organization' | 'logger'>;
  authenticate: Authenticate;
}

const MAX_LENGTH = 320;

/** On one line. A key that stands in the wrong place goes no further: an answer would repeat it to whoever logs answers. */
const isClean = (text: string) => !/\p{Cc}/u.test(text) && !API_KEY_PATTERN.test(text);

/** Empty ones count as absent, as environment variables that are set to nothing. */
const optionalText = z
  .string()
  .max(MAX_LENGTH)
  .nullish()
  .transform((text) => text?.trim() || undefined)
  .refine((text) => text === undefined || isClean(text));

const body = z.object({
  entity: optionalText,
  project: z
    .string()
    .max(MAX_LENGTH)
    .refine(isClean)
    .transform((text, context) => {
      const name = readProjectName(text);
      if (name !== undefined) return name;
      context.addIssue('no name of a project');
      return z.NEVER;
    }),
  username: optionalText,
  email: optionalText,
});

/**
 * `POST /v1/runs/authorize`: where a run of the caller goes, whether it may, and to whom it is attributed. Names in the body
 * come before those of the headers that the SDKs send.
 */
export function addRunsAuthorizeRoute(
  server: FastifyInstance,
  { ports, authenticate }: RunsAuthorizeRouteDependencies,
): void {
  oneMethod(server, {
    method: 'POST',
    url: '/v1/runs/authorize',
    handler: async (request, reply) => {
      const verified = await authenticate(request, reply);
      if (verified === undefined) return reply;
      if (request.body instanceof URLSearchParams)
        return sendError(reply, unsupportedContentType('application/json'));
      const asked = readRun(request);
      if (asked === undefined) {
        return sendError(
          reply,
          invalidRequest(
            'Send a JSON object with project and, where wanted, entity, username and email: short texts on one line.',
          ),
        );
      }
      const result = await authorizeRun(ports, verified.account, asked);
      if (!result.allowed) return reply.code(403).send({ allowed: false, reason: result.reason });
      const { entity, attributedTo, reason } = result;
      return { allowed: true, entity, project: asked.project, attributed_to: attributedTo, reason };
    },
  });
}

function readRun(request: FastifyRequest): RunRequest | undefined {
  const read = body.safeParse(request.body);
  if (!read.success) return undefined;
  const { entity, project, username, email } = read.data;
  return {
    entity,
    project,
    username: username ?? header(request, 'x-wandb-username'),
    email: email ?? header(request, 'x-wandb-user-email'),
  };
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  // One that is too long names nobody, which is not the same as naming none.
  return typeof value === 'string' ? value.trim() || undefined : undefined;
}
