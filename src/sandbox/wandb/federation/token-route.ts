import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { type HttpResponse, jsonResponse, textBody } from '../../http/local-server.ts';
import type { GraphqlCall } from '../graphql/graphql-call.ts';
import { failedResponse, type WireResponse } from '../graphql/graphql-response.ts';
import { sendResponse } from '../graphql/send-response.ts';
import type { RequestLog } from '../request-log.ts';
import type { Holds, WandbFailurePlan } from '../wandb-failures.ts';
import type { Capabilities } from '../wandb-seed.ts';
import type { WandbState } from '../wandb-state.ts';
import { type VerifiedAssertion, verifyAssertion } from './verify-assertion.ts';

interface TokenRouteParts {
  basePath: string;
  state: WandbState;
  capabilities: Readonly<Capabilities>;
  failures: WandbFailurePlan;
  holds: Holds;
  log: RequestLog;
  now: () => number;
  /** Aborted when the server stops. */
  stopped: AbortSignal;
}

/** The name under which failures and holds of this route are planned. */
const OIDC_TOKEN = 'oidc_token';
const NO_CALL: GraphqlCall = { query: '', variables: {}, operationName: null, rootFields: [] };
const JWT_BEARER_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Adds `POST /oidc/token`, where a JWT of a registered issuer is exchanged for an access token (RFC 7523, section 2.1). */
export function addTokenRoute(server: FastifyInstance, parts: TokenRouteParts): void {
  const { basePath, capabilities, failures, holds, log, stopped } = parts;
  const url = `${basePath}/oidc/token`;
  server.post(url, async (request, reply) => {
    const { method, headers } = request;
    const record = log.beginRoute({ method, path: url, headers, caller: null });
    await holds.pass([OIDC_TOKEN], 'before');
    const failure = failures.next([OIDC_TOKEN]);
    if (failure?.kind === 'slow') {
      await delay(failure.delayMs, undefined, { signal: stopped }).catch(() => undefined);
    }
    if (stopped.aborted) return reply.hijack();
    const verified = capabilities.hasOAuthClients
      ? await verifyForm(new URLSearchParams(textBody(request)), parts)
      : undefined;
    const effect = () => respond(verified, parts);
    const wire: WireResponse = failure
      ? failedResponse(failure, NO_CALL, effect)
      : { kind: 'response', response: effect() };
    await holds.pass([OIDC_TOKEN], 'after');
    record.caller = verified?.ok ? verified.client.user.username : null;
    if ('response' in wire) record.status = wire.response.status;
    await sendResponse(reply, wire, stopped);
  });
}

async function verifyForm(form: URLSearchParams, parts: TokenRouteParts): Promise<VerifiedAssertion> {
  if (form.get('grant_type') !== JWT_BEARER_GRANT) {
    return { ok: false, description: `grant_type is not ${JWT_BEARER_GRANT}` };
  }
  return verifyAssertion(form.get('assertion')?.trim() ?? '', parts);
}

function respond(
  verified: VerifiedAssertion | undefined,
  { state, capabilities, now }: TokenRouteParts,
): HttpResponse {
  if (verified === undefined) return jsonResponse({ error: 'not found' }, { status: 404 });
  if (!verified.ok) {
    const body = { error: 'invalid_grant', error_description: verified.description };
    return jsonResponse(body, { status: 400 });
  }
  const { accessTokenSeconds: seconds } = capabilities;
  const expiresAtMs = now() + seconds * 1000;
  const { secret } = state.addAccessToken({ client: verified.client, expiresAtMs });
  return jsonResponse(
    { access_token: secret, token_type: 'Bearer', expires_in: seconds },
    { headers: { 'cache-control': 'no-store' } },
  );
}
