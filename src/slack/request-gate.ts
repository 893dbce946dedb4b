import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { runInRequest } from '../log/request-context.ts';
import { interaction, slashCommand } from './payloads.ts';
import type { ReplayGuard } from './replay-guard.ts';
import { verifyRequestSignature } from './request-signature.ts';

/** Slack's largest view has 250 kB, three times as much when percent-encoded. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Slack sends exactly this, without a charset; Bolt takes nothing else for a form. */
const FORM = 'application/x-www-form-urlencoded';

export interface RequestGateDependencies {
  signingSecret: string;
  replays: ReplayGuard;
  now: () => number;
  newRequestId: () => string;
  logger: Logger;
  /** Bolt's listener; takes a body that was read before from `rawBody`. */
  next: (request: IncomingMessage & { rawBody: Buffer }, response: ServerResponse) => void;
}

type Verdict = { ok: true } | { ok: false; status: number; reason: string };

/**
 * Stands before Bolt: size, signature, time stamp in both directions, replay, and the shape of the verified body. What does
 * not pass gets a 4xx and reaches no listener.
 */
export function createRequestGate(dependencies: RequestGateDependencies) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const requestId = dependencies.newRequestId();
    runInRequest({ requestId }, () => {
      admit(dependencies, request, response).catch((error: unknown) => {
        dependencies.logger.warn({ err: error }, 'a request broke off');
        if (!response.headersSent) refuse(response, 400, 'broken');
      });
    });
  };
}

async function admit(
  dependencies: RequestGateDependencies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { logger, next } = dependencies;
  // Slack looks now and then whether the certificate is good, unsigned: nothing is done.
  if (request.method === 'GET' && request.url?.endsWith('?ssl_check=1')) {
    response.writeHead(200).end();
    return;
  }
  const body = await readBody(request);
  const verdict: Verdict =
    body === undefined ? { ok: false, status: 413, reason: 'too_large' } : judge(dependencies, request, body);
  if (!verdict.ok) {
    logger.warn(
      {
        status: verdict.status,
        reason: verdict.reason,
        from: request.socket.remoteAddress,
      },
      'request refused',
    );
    return refuse(response, verdict.status, verdict.reason);
  }
  if (body !== undefined) next(Object.assign(request, { rawBody: body }), response);
}

function judge(dependencies: RequestGateDependencies, request: IncomingMessage, body: Buffer): Verdict {
  const { signingSecret, replays, now } = dependencies;
  if (request.method !== 'POST') return { ok: false, status: 405, reason: 'method' };
  if (request.headers['content-type'] !== FORM) return { ok: false, status: 415, reason: 'content_type' };
  const signature = header(request, 'x-slack-signature');
  const timestamp = header(request, 'x-slack-request-timestamp');
  const verified = verifyRequestSignature({
    signingSecret,
    signature,
    timestamp,
    body,
    nowMs: now(),
  });
  if (!verified.ok) return { ok: false, status: 401, reason: verified.reason };
  const shape = bodyProblem(new URLSearchParams(body.toString('utf8')));
  if (shape !== undefined) return { ok: false, status: 400, reason: shape };
  if (!replays.accept(signature ?? '', now())) return { ok: false, status: 409, reason: 'replayed' };
  return { ok: true };
}

/** A verified body is still not believed: Bolt breaks on some, and waits for three seconds on others. */
function bodyProblem(form: URLSearchParams): string | undefined {
  // The same look, as a form: Bolt answers it itself.
  if (form.get('ssl_check') === '1') return undefined;
  const payload = form.get('payload');
  if (payload === null)
    return slashCommand.safeParse(Object.fromEntries(form)).success ? undefined : 'command_shape';
  try {
    return interaction.safeParse(JSON.parse(payload)).success ? undefined : 'payload_shape';
  } catch {
    return 'payload_json';
  }
}

/** The whole body, or undefined where it is larger than any that Slack sends. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  const body = JSON.stringify({ error: reason });
  // Whatever else the other side sends is not read.
  response
    .writeHead(status, {
      'content-type': 'application/json',
      connection: 'close',
    })
    .end(body);
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
