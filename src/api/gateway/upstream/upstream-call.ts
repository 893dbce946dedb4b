import type { Logger } from 'pino';
import type {
  UpstreamCredential,
  UpstreamCredentials,
} from '../../../application/gateway/upstream-credential.ts';
import type { Clock } from '../../../application/ports/clock.ts';
import type { GatewayCounts, UpstreamOutcome } from '../gateway-metrics.ts';
import { type GatewayRequest, rawTarget, sendProblem } from '../gateway-request.ts';
import type { Target } from '../target-team.ts';
import type { AnswerUrls } from './answer-urls.ts';
import type { Forward, UpstreamResponse } from './forward.ts';
import { requestHeaders, responseHeaders } from './forwarded-headers.ts';

export interface UpstreamCallDependencies {
  forward: Forward;
  credentials: UpstreamCredentials;
  urls: AnswerUrls;
  counts: GatewayCounts;
  monotonicMs: Clock['monotonicMs'];
  logger: Logger;
}

export interface CallOptions {
  target: Target;
  /** A new JSON body, which can be sent again. By default the request's own, as it arrives. */
  json?: string;
  /** Asks for a response that isn't compressed. */
  isEdited?: boolean;
  /** Called with the status of the response that goes to the workload. */
  onStatus?: (status: number) => void;
  /** Sends the response on; by default as it arrives. Isn't called for a redirect, nor when W&B rejects Keysmith's credential. */
  respond?: (response: UpstreamResponse, credential: UpstreamCredential) => void;
}

/** Sends a request to the W&B server with the credential of a team, and its response back. */
export type CallUpstream = (
  gatewayRequest: GatewayRequest,
  credential: UpstreamCredential,
  options: CallOptions,
) => void;

export function createCallUpstream(dependencies: UpstreamCallDependencies): CallUpstream {
  const { forward, credentials, urls, counts, monotonicMs, logger } = dependencies;
  return (gatewayRequest, credential, options) => {
    const { request, reply, path, over } = gatewayRequest;
    const { json, respond = (response: UpstreamResponse) => sendOn(gatewayRequest, response) } = options;
    const send = (sent: UpstreamCredential, isLast: boolean) => {
      const startedAtMs = monotonicMs();
      const count = (outcome: UpstreamOutcome) =>
        counts.upstream(path.kind, outcome, (monotonicMs() - startedAtMs) / 1000);
      forward(reply, {
        path: path.path,
        query: path.kind === 'download' ? rawTarget(request).query : '',
        headers: headersFor(gatewayRequest, sent, options),
        ...(json !== undefined && { json }),
        signal: over,
        onResponse(response) {
          count(outcomeOf(response.status));
          if (response.status === 401) {
            giveUp(response);
            void renew(sent, isLast).catch((err: unknown) => {
              logger.error({ err }, 'upstream credential not renewed');
              rejected(5);
            });
            return;
          }
          credentials.accepted(sent);
          options.onStatus?.(response.status);
          const { location } = response.headers;
          if (isRedirect(response.status) && location !== undefined) return redirect(response, location);
          respond(response, sent);
        },
        onFailure(failure) {
          count(over.aborted ? 'ended' : failure);
          sendProblem(gatewayRequest, { problem: `upstream_${failure}` });
        },
      });
    };
    const rejected = (retryAfterSeconds: number) =>
      sendProblem(gatewayRequest, {
        problem: 'upstream_rejected',
        teamName: credential.teamName,
        retryAfterSeconds,
      });
    const renew = async (sent: UpstreamCredential, isLast: boolean) => {
      const renewed = await credentials.renew(sent);
      if (over.aborted) return;
      // A body that was streamed is gone; the SDK sends it again after a 503.
      const canRepeat = json !== undefined || path.kind === 'download';
      if (renewed.ok && canRepeat && !isLast) return send(renewed.credential, true);
      rejected(renewed.ok || renewed.reason === 'none' ? 5 : renewed.retryAfterSeconds);
    };
    const redirect = (response: UpstreamResponse, location: string) => {
      giveUp(response);
      const to = urls.redirect(request.method, location, path.path);
      if (to === undefined) return sendProblem(gatewayRequest, { problem: 'upstream_redirect' });
      const { 'content-length': _, 'content-encoding': __, ...kept } = responseHeaders(response.headers);
      reply
        .code(response.status)
        .headers({ ...kept, location: to })
        .send();
    };
    send(credential, false);
  };
}

/** Reads a short rest, so that the connection can be used again. */
function giveUp({ body }: UpstreamResponse): void {
  body.dump().catch(() => {});
}

function outcomeOf(status: number): UpstreamOutcome {
  if (status === 401) return 'rejected';
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  return status < 500 ? '4xx' : '5xx';
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

function sendOn({ reply }: GatewayRequest, { status, headers, body }: UpstreamResponse): void {
  reply.code(status).headers(responseHeaders(headers)).send(body);
}

function headersFor(
  { request, path }: GatewayRequest,
  { authorization }: UpstreamCredential,
  { target, json, isEdited = false }: CallOptions,
): Record<string, string> {
  const headers = requestHeaders(request, target.attribution);
  if (json !== undefined || path.kind === 'download') {
    delete headers['content-length'];
    delete headers['content-encoding'];
    delete headers['content-type'];
  }
  return {
    ...headers,
    ...(json !== undefined && { 'content-type': 'application/json' }),
    ...(isEdited && { 'accept-encoding': 'identity' }),
    authorization: authorization.reveal(),
  };
}
