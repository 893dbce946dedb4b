import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { WorkspaceAdmin } from '../people/workspace-admin.ts';
import type { DemoRuns } from '../protocol/demo-runs.ts';
import type { FailurePlan, OtherFailures } from '../protocol/failures.ts';
import type {
  Controls,
  DisconnectRequest,
  ExpireRequest,
  PanelEvent,
  SetFailureRequest,
  SetInstallationRequest,
  SetMembershipRequest,
  SetPersonRequest,
  StartDemoRunRequest,
} from '../protocol/panel-protocol.ts';
import type { SocketMode } from '../to-app/socket-mode.ts';
import type { SecretMask } from '../traffic/mask-secrets.ts';
import { type Signal, type Traffic, type TrafficChange, toExchange } from '../traffic/traffic.ts';
import { webApiMethods } from '../web-api/call.ts';
import { type SlackState, setAppMembership } from '../workspace/slack-state.ts';
import {
  type ApiGuards,
  conflict,
  invalidRequest,
  notFound,
  readJson,
  sendJson,
  streamEvents,
} from './json-api.ts';

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
const setFailureRequest = z.strictObject({
  method: z.string(),
  failure: failure.nullable(),
  times: z.int().min(1).max(1000).exactOptional(),
});
const setMembershipRequest = z.strictObject({ conversation: z.string(), isMember: z.boolean() });
const setInstallationRequest = z.strictObject({ isInstalled: z.boolean() });
const setPersonRequest = z.strictObject({ person: z.string(), isActive: z.boolean() });
const expireRequest = z.strictObject({ what: z.enum(['triggers', 'response_urls', 'next_trigger']) });
const disconnectRequest = z.strictObject({
  reason: z.enum(['warning', 'refresh_requested', 'link_disabled']),
});
const startDemoRunRequest = z.strictObject({ key: z.string().trim().min(1).max(1000) });
const clearRequest = z.strictObject({});

interface PanelParts extends ApiGuards {
  state: SlackState;
  admin: WorkspaceAdmin;
  failures: FailurePlan;
  /** Undefined while the sandbox has no other server. */
  otherFailures: () => OtherFailures | undefined;
  /** Undefined while the sandbox has no server that keeps runs. */
  demoRuns: () => DemoRuns | undefined;
  socketMode: SocketMode;
  traffic: Traffic;
  mask: SecretMask;
  /** Emits when the controls change other than through traffic. */
  controlsChanged: Signal<void>;
}

/** Adds the routes that panel-protocol.ts describes. */
export function addPanelApi(server: FastifyInstance, parts: PanelParts): void {
  const { traffic, mask, guard, controlsChanged, stopped } = parts;
  const controls = createPanelControls(parts);
  const get = (path: string, read: () => object) =>
    server.get(path, { onRequest: guard }, (_request, reply) =>
      sendJson(reply, { status: 200, body: read() }),
    );
  const post = <T>(path: string, schema: z.ZodType<T>, apply: (request: T) => ControlResult) =>
    server.post(path, { onRequest: guard }, (request, reply) => {
      const read = readJson(request, schema);
      if (!read.ok) return sendJson(reply, invalidRequest(read.message));
      const result = apply(read.value);
      if (result === 'not_found') return sendJson(reply, notFound('No such method, channel or person.'));
      if (result === 'busy') {
        return sendJson(reply, conflict('Another demo run is running. Wait until it has finished.'));
      }
      controlsChanged.emit();
      return sendJson(reply, { status: 200, body: controls.read() });
    });
  get('/sandbox/panel/traffic', () => traffic.records.map((record) => toExchange(record, mask)));
  get('/sandbox/panel/controls', controls.read);
  post('/sandbox/panel/failure', setFailureRequest, controls.setFailure);
  post('/sandbox/panel/membership', setMembershipRequest, controls.setMembership);
  post('/sandbox/panel/installation', setInstallationRequest, controls.setInstallation);
  post('/sandbox/panel/person', setPersonRequest, controls.setPerson);
  post('/sandbox/panel/expire', expireRequest, controls.expire);
  post('/sandbox/panel/sockets', disconnectRequest, controls.disconnectSockets);
  post('/sandbox/panel/demo-run', startDemoRunRequest, controls.startDemoRun);
  post('/sandbox/panel/clear', clearRequest, () => {
    traffic.clear();
    return 'done';
  });
  server.get('/sandbox/panel/events', { onRequest: guard }, async (_request, reply) => {
    streamEvents(reply, stopped, (send) => sendChanges(parts, controls.read, send));
    return reply;
  });
}

/** `not_found`: the method, channel or person doesn't exist, or it isn't one that the panel can change. */
type ControlResult = 'done' | 'not_found' | 'busy';

const slackMethods = ['response_url', ...Object.keys(webApiMethods)].sort();

function createPanelControls({
  state,
  admin,
  failures,
  otherFailures,
  demoRuns,
  socketMode,
}: Pick<PanelParts, 'state' | 'admin' | 'failures' | 'otherFailures' | 'demoRuns' | 'socketMode'>) {
  const { workspace, triggers, responseUrls } = state;
  const channels = () =>
    workspace.conversations.flatMap(({ id, name = id, kind, hasApp }) =>
      kind === 'public' || kind === 'private' ? [{ id, name, kind, hasApp }] : [],
    );
  return {
    read: (): Controls => ({
      methods: [...slackMethods, ...(otherFailures()?.methods ?? [])],
      failures: [...failures.list(), ...(otherFailures()?.list() ?? [])],
      channels: channels(),
      people: workspace.people.flatMap(({ id, realName, bot, deactivated = false }) =>
        bot ? [] : [{ id, name: realName, isActive: !deactivated }],
      ),
      isInstalled: state.app.uninstalled !== true,
      triggers: triggers.usable(),
      responseUrls: responseUrls.usable(),
      nextTriggerExpires: triggers.nextExpires(),
      sockets: socketMode.count(),
      ...demoRunOf(demoRuns()),
    }),
    setFailure({ method, failure, times }: SetFailureRequest): ControlResult {
      const other = otherFailures();
      const plan = slackMethods.includes(method)
        ? failures
        : other?.methods.includes(method)
          ? other
          : undefined;
      if (plan === undefined) return 'not_found';
      if (failure) plan.set(method, failure, times === undefined ? {} : { times });
      else plan.clear(method);
      return 'done';
    },
    setMembership({ conversation, isMember }: SetMembershipRequest): ControlResult {
      if (!channels().some(({ id }) => id === conversation)) return 'not_found';
      setAppMembership(state, conversation, isMember);
      return 'done';
    },
    setInstallation({ isInstalled }: SetInstallationRequest): ControlResult {
      if (isInstalled) admin.installApp();
      else admin.uninstallApp();
      return 'done';
    },
    setPerson: ({ person, isActive }: SetPersonRequest): ControlResult =>
      admin.setDeactivated(person, !isActive) ? 'done' : 'not_found',
    expire({ what }: ExpireRequest): ControlResult {
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
    startDemoRun({ key }: StartDemoRunRequest): ControlResult {
      const runs = demoRuns();
      if (!runs) return 'not_found';
      return runs.start(key) ? 'done' : 'busy';
    },
    disconnectSockets({ reason }: DisconnectRequest): ControlResult {
      socketMode.disconnect(reason);
      return 'done';
    },
  };
}

const demoRunOf = (runs: DemoRuns | undefined) => runs && { demoRun: runs.current() };

/** Sends traffic and controls. Requests issue and use triggers and response URLs, so they may change the controls too. */
function sendChanges(
  { traffic, mask, controlsChanged }: PanelParts,
  readControls: () => Controls,
  send: (event: PanelEvent) => void,
): () => void {
  let lastSent = '';
  const sendControls = () => {
    const controls = readControls();
    const serialized = JSON.stringify(controls);
    if (serialized === lastSent) return;
    lastSent = serialized;
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
