import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { streamEvents } from './event-stream.ts';
import type { SecretMask } from './mask-secrets.ts';
import { type ControlledParts, createPanelControls, type Switched } from './panel-controls.ts';
import type { PanelEvent } from './panel-protocol.ts';
import { readJson } from './read-json.ts';
import { shownExchange } from './shown-exchange.ts';
import type { Signal } from './signal.ts';
import type { Traffic, TrafficChange } from './traffic.ts';

const afterEffect = z.boolean().exactOptional();
const failure = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rate_limited'), retryAfterSeconds: z.int().min(0).max(3600) }),
  z.strictObject({ kind: z.literal('status'), status: z.int().min(200).max(599), afterEffect }),
  z.strictObject({ kind: z.literal('error'), error: z.string().regex(/^[a-z0-9_]{1,100}$/), afterEffect }),
  z.strictObject({ kind: z.literal('timeout'), afterEffect }),
  z.strictObject({ kind: z.literal('reset'), afterEffect }),
  z.strictObject({ kind: z.literal('slow'), delayMs: z.int().min(0).max(600_000), afterEffect }),
  z.strictObject({ kind: z.literal('redirect'), location: z.url({ protocol: /^https?$/ }), afterEffect }),
]);
const failureSwitched = z.strictObject({
  method: z.string(),
  failure: failure.nullable(),
  times: z.int().min(1).max(1000).exactOptional(),
});
const membershipSwitched = z.strictObject({ conversation: z.string(), isMember: z.boolean() });
const expiredNow = z.strictObject({ what: z.enum(['triggers', 'response_urls', 'next_trigger']) });
const socketsDisconnected = z.strictObject({
  reason: z.enum(['warning', 'refresh_requested', 'link_disabled']),
});
const nothing = z.strictObject({});

export interface PanelParts extends ControlledParts {
  traffic: Traffic;
  mask: SecretMask;
  /** Told of what changes the controls without any traffic. */
  controlsChanged: Signal<void>;
  guard: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /** Aborted when the server stops. */
  stopped: AbortSignal;
}

/** The API of panel-protocol.ts. */
export function addPanelApi(server: FastifyInstance, parts: PanelParts): void {
  const { traffic, mask, guard, controlsChanged, stopped } = parts;
  const controls = createPanelControls(parts);
  const get = (path: string, read: () => object) =>
    server.get(path, { onRequest: guard }, (_request, reply) => answer(reply, 200, read()));
  const post = <T>(path: string, schema: z.ZodType<T>, act: (asked: T) => Switched) =>
    server.post(path, { onRequest: guard }, (request, reply) => {
      const read = readJson(request, schema);
      if (!read.ok) return refuse(reply, 400, 'invalid_request', read.message);
      if (act(read.value) === 'not_found')
        return refuse(reply, 404, 'not_found', 'There is no such thing to switch.');
      controlsChanged.emit();
      return answer(reply, 200, controls.read());
    });
  get('/sandbox/panel/traffic', () => traffic.records.map((record) => shownExchange(record, mask)));
  get('/sandbox/panel/controls', controls.read);
  post('/sandbox/panel/failure', failureSwitched, controls.switchFailure);
  post('/sandbox/panel/membership', membershipSwitched, controls.switchMembership);
  post('/sandbox/panel/expire', expiredNow, controls.expire);
  post('/sandbox/panel/sockets', socketsDisconnected, controls.disconnectSockets);
  post('/sandbox/panel/clear', nothing, () => {
    traffic.clear();
    return 'done';
  });
  server.get('/sandbox/panel/events', { onRequest: guard }, async (_request, reply) => {
    streamEvents(reply, stopped, (send) => sendChanges(parts, controls.read, send));
    return reply;
  });
}

/** Triggers and response URLs are issued and used along with traffic, so after it the controls are looked at too. */
function sendChanges(
  { traffic, mask, controlsChanged }: PanelParts,
  readControls: ReturnType<typeof createPanelControls>['read'],
  send: (event: PanelEvent) => void,
): () => void {
  let sent = '';
  const sendControls = () => {
    const controls = readControls();
    const now = JSON.stringify(controls);
    if (now === sent) return;
    sent = now;
    send({ type: 'controls', controls });
  };
  const sendTraffic = (change: TrafficChange) => {
    if (change.type === 'cleared') send(change);
    else send({ type: 'exchange', exchange: shownExchange(change.record, mask) });
    sendControls();
  };
  sendControls();
  const unsubscribes = [traffic.subscribe(sendTraffic), controlsChanged.subscribe(sendControls)];
  return () => {
    for (const unsubscribe of unsubscribes) unsubscribe();
  };
}

function answer(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).header('cache-control', 'no-store').send(body);
}

function refuse(reply: FastifyReply, status: number, error: string, message: string): FastifyReply {
  return answer(reply, status, { ok: false, error, message });
}
