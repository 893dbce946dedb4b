import type { FastifyInstance } from 'fastify';
import { type HttpResponse, jsonResponse, textBody } from '../../http/local-server.ts';
import type { Capabilities } from '../capabilities.ts';
import type { RequestLog } from '../request-log.ts';
import { type RoutePlans, respondToRoute } from '../route-response.ts';
import type { WandbState } from '../wandb-state.ts';
import { type VerifiedAssertion, verifyAssertion } from './verify-assertion.ts';

interface TokenRouteParts extends RoutePlans {
  basePath: string;
  state: WandbState;
  capabilities: Readonly<Capabilities>;
  log: RequestLog;
  now: () => number;
}

/** The name under which failures and holds of this route are planned. */
const OIDC_TOKEN = 'oidc_token';
const JWT_BEARER_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Adds `POST /oidc/token`, where a JWT of a registered issuer is exchanged for an access token (RFC 7523, section 2.1). */
export function addTokenRoute(server: FastifyInstance, parts: TokenRouteParts): void {
  const { basePath, capabilities, log } = parts;
  const url = `${basePath}/oidc/token`;
  server.post(url, async (request, reply) => {
    const { method, headers } = request;
    const record = log.beginRoute({ method, path: url, headers, caller: null });
    const effect = async () => {
      const verified = capabilities.hasOAuthClients
        ? await verifyForm(new URLSearchParams(textBody(request)), parts)
        : undefined;
      record.caller = verified?.ok ? verified.client.user.username : null;
      return respond(verified, parts);
    };
    await respondToRoute(reply, parts, { operation: OIDC_TOKEN, record, effect });
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
