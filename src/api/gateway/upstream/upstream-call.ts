import type {
  UpstreamCredential,
  UpstreamCredentials,
} from '../../../application/gateway/upstream-credential.ts';
import type { Clock } from '../../../application/ports/clock.ts';
import type { EventLog } from '../../../log/limited-log.ts';
import type { GatewayProblem } from '../gateway-failure.ts';
import type { GatewayCounts, UpstreamOutcome } from '../gateway-metrics.ts';
import { type GatewayRequest, rawTarget, sendProblem } from '../gateway-request.ts';
import type { Target } from '../target-team.ts';
import type { AnswerUrls } from './answer-urls.ts';
import { type CredentialEcho, createCredentialEcho, type EchoForms, echoForms } from './credential-echo.ts';
import type { Forward, UpstreamResponse } from './forward.ts';
import { requestHeaders } from './forwarded-headers.ts';
import type { PassOn } from './passed-on.ts';
import { type SafeResponse, safeHeaders, safeResponse } from './safe-response.ts';

export interface UpstreamCallDependencies {
  forward: Forward;
  passOn: PassOn;
  credentials: UpstreamCredentials;
  urls: AnswerUrls;
  counts: GatewayCounts;
  monotonicMs: Clock['monotonicMs'];
  log: EventLog;
}

interface CallOptions {
  target: Target;
  /** A new JSON body, which can be sent again. By default the request's own, as it arrives. */
  json?: string;
  /** The request's own body, if it was read to its end. */
  body?: Buffer;
  /** Called with the status of the response that goes to the workload. */
  onStatus?: (status: number) => void;
  /** Sends the response on; by default as it arrives. Isn't called for a redirect, nor when W&B rejects Keysmith's credential. */
  respond?: (response: SafeResponse) => void;
}

/** Sends a request to the W&B server with the credential of a team, and its response back. */
export type CallUpstream = (
  gatewayRequest: GatewayRequest,
  credential: UpstreamCredential,
  options: CallOptions,
) => void;

export function createCallUpstream(dependencies: UpstreamCallDependencies): CallUpstream {
  const { forward, passOn, credentials, urls, counts, monotonicMs, log } = dependencies;
  const forms = new WeakMap<UpstreamCredential, EchoForms>();
  const formsOf = (sent: UpstreamCredential) => {
    const known = forms.get(sent) ?? echoForms(sent);
    forms.set(sent, known);
    return known;
  };
  return (gatewayRequest, credential, options) => {
    const { request, reply, path, over } = gatewayRequest;
    const { json, body, respond = (response: SafeResponse) => passOn(gatewayRequest, response) } = options;
    const send = (sent: UpstreamCredential, isLast: boolean) => {
      const startedAtMs = monotonicMs();
      const count = (outcome: UpstreamOutcome) =>
        counts.upstream(path.kind, outcome, (monotonicMs() - startedAtMs) / 1000);
      const onEcho = () =>
        log.error({ team: sent.teamName, requestId: request.id }, 'upstream credential hidden in a response');
      const echo = createCredentialEcho(sent, onEcho, formsOf(sent));
      forward(reply, {
        path: path.path,
        query: path.kind === 'download' ? rawTarget(request).query : '',
        headers: headersFor(gatewayRequest, sent, options),
        ...(json !== undefined && { json }),
        ...(body && { body }),
        signal: over,
        onResponse(response) {
          count(outcomeOf(response.status));
          if (response.status === 401) {
            giveUp(response);
            void renew(sent, isLast).catch((err: unknown) => {
              log.error({ err }, 'upstream credential not renewed');
              rejected(5);
            });
            return;
          }
          credentials.accepted(sent);
          options.onStatus?.(response.status);
          const { location } = response.headers;
          if (isRedirect(response.status) && location !== undefined)
            return redirect(response, location, echo);
          if (hasNoBody(response.status)) return sendHead(response, echo);
          const safe = safeResponse(response, echo);
          if (safe !== undefined) return respond(safe);
          giveUp(response);
          sendProblem(gatewayRequest, unreadable(response));
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
    const redirect = (response: UpstreamResponse, location: string, echo: CredentialEcho) => {
      const to = urls.redirect(request.method, echo.hideIn(location), path.path);
      if (to === undefined) {
        giveUp(response);
        return sendProblem(gatewayRequest, { problem: 'upstream_redirect' });
      }
      sendHead(response, echo, { location: to });
    };
    const sendHead = (
      response: UpstreamResponse,
      echo: CredentialEcho,
      more: Record<string, string> = {},
    ) => {
      giveUp(response);
      const { 'content-length': _, 'content-encoding': __, ...kept } = safeHeaders(response, echo);
      reply
        .code(response.status)
        .headers({ ...kept, ...more })
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

/** Such a response may still state the length that another would have. */
function hasNoBody(status: number): boolean {
  return status === 204 || status === 304;
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

/** Nothing of a response that can't be read is sent on but its status. */
export function unreadable({
  status,
  headers,
}: Pick<UpstreamResponse, 'status' | 'headers'>): GatewayProblem {
  if (status < 400) return { problem: 'upstream_unreadable' };
  return { problem: 'upstream_status', status, retryAfter: headers['retry-after'] };
}

function headersFor(
  { request, path }: GatewayRequest,
  { authorization }: UpstreamCredential,
  { target, json }: CallOptions,
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
    // Nobody could find a credential in what is compressed.
    'accept-encoding': 'identity',
    authorization: authorization.reveal(),
  };
}
