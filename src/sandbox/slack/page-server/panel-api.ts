import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { FailurePlan } from '../protocol/failures.ts';
import type {
  Controls,
  DisconnectRequest,
  ExpireRequest,
  PanelEvent,
  SetFailureRequest,
  SetMembershipRequest,
} from '../protocol/panel-protocol.ts';
import type { Signal } from '../protocol/signal.ts';
import type { SocketMode } from '../to-app/socket-mode.ts';
import type { SecretMask } from '../traffic/mask-secrets.ts';
import { type Traffic, type TrafficChange, toExchange } from '../traffic/traffic.ts';
import { webApiMethods } from '../web-api/methods.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import { readJson, streamEvents } from './page-api.ts';

/** Adds the app to a conversation, or removes it. Open pages of the members read the workspace again. */
export function setAppMembership(
  { workspace, events }: SlackState,
  conversationId: string,
  isMember: boolean,
): void {
  const conversation = workspace.conversation(conversationId);
  if (!conversation) throw new Error(`There is no conversation ${conversationId}`);
  if (conversation.hasApp === isMember) return;
  conversation.hasApp = isMember;
  events.emit(conversation.members, { type: 'workspace' });
}

interface ControlledParts {
  state: SlackState;
  failures: FailurePlan;
  socketMode: SocketMode;
}

/** `not_found`: there is no such method or conversation, or it can't be switched. */
type Switched = 'done' | 'not_found';

const failable = ['response_url', ...Object.keys(webApiMethods)].sort();

/** The switches of the developers' panel, and how they stand. */
function createPanelControls({ state, failures, socketMode }: ControlledParts) {
  const { workspace, triggers, responseUrls } = state;
  const channels = () =>
    workspace.conversations.flatMap(({ id, name = id, kind, hasApp }) =>
      kind === 'public' || kind === 'private' ? [{ id, name, kind, hasApp }] : [],
    );
  return {
    read: (): Controls => ({
      methods: failable,
      failures: failures.list(),
      channels: channels(),
      triggers: triggers.usable(),
      responseUrls: responseUrls.usable(),
      nextTriggerExpires: triggers.nextExpires(),
      sockets: socketMode.count(),
    }),
    switchFailure({ method, failure, times }: SetFailureRequest): Switched {
      if (!failable.includes(method)) return 'not_found';
      if (failure) failures.set(method, failure, times === undefined ? {} : { times });
      else failures.clear(method);
      return 'done';
    },
    switchMembership({ conversation, isMember }: SetMembershipRequest): Switched {
      if (!channels().some(({ id }) => id === conversation)) return 'not_found';
      setAppMembership(state, conversation, isMember);
      return 'done';
    },
    expire({ what }: ExpireRequest): Switched {
      switch (what) {
        case 'triggers':
          triggers.expireAll();
          break;
        case 'response_urls':
          responseUrls.expireAll();
          break;
        case 'next_trigger':
          triggers.expireNext();
      }
      return 'done';
    },
    disconnectSockets({ reason }: DisconnectRequest): Switched {
      socketMode.disconnect(reason);
      return 'done';
    },
  };
}

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
  get('/sandbox/panel/traffic', () => traffic.records.map((record) => toExchange(record, mask)));
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
    else send({ type: 'exchange', exchange: toExchange(change.record, mask) });
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
