import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { PersonActions } from '../people/person-actions.ts';
import type { Outcome, PageWorkspace, Person } from '../protocol/page-protocol.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import type { PersonSeed } from '../workspace/workspace-seed.ts';
import {
  type ApiGuards,
  invalidRequest,
  type JsonResponse,
  notFound,
  readJson,
  sendJson,
  streamEvents,
} from './json-api.ts';

const elementState = z.looseObject({ type: z.string() });
const state = z.record(z.string(), z.record(z.string(), elementState));
const as = z.string();
const message = z.strictObject({ conversation: z.string(), ts: z.string() });
const container = z.union([message, z.strictObject({ view: z.string() })]);
const element = { container, block_id: z.string(), action_id: z.string() };

const commandRequest = z.strictObject({
  as,
  conversation: z.string(),
  line: z.string().max(16_000),
  thread: z.string().exactOptional(),
});
const actionRequest = z.strictObject({ as, ...element, element: elementState, state });
const optionsRequest = z.strictObject({ as, ...element, query: z.string() });
const submitRequest = z.strictObject({ as, view: z.string(), state });
const closeRequest = z.strictObject({ as, view: z.string() });
const shortcutRequest = z.strictObject({ as, callback_id: z.string(), message: message.exactOptional() });
const readRequest = z.strictObject({ as, conversation: z.string() });
const openHomeRequest = z.strictObject({ as, tab: z.enum(['home', 'messages']) });

interface PageApiParts extends ApiGuards {
  state: SlackState;
  people: PersonActions;
  /** Undefined while the sandbox has no runs to show. */
  wandb: () => PageWorkspace['wandb'];
}

/** Adds the routes that page-protocol.ts describes. */
export function addPageApi(server: FastifyInstance, parts: PageApiParts): void {
  const { people, guard, state: slack } = parts;
  const post = <T extends { as: string }>(
    path: string,
    schema: z.ZodType<T>,
    act: (request: T) => Promise<JsonResponse>,
  ) =>
    server.post(path, { onRequest: guard }, async (request, reply) => {
      const read = readJson(request, schema);
      if (!read.ok) return sendJson(reply, invalidRequest(read.message));
      const isKnown = activePersonId(slack, read.value.as) !== undefined;
      return sendJson(reply, isKnown ? await act(read.value) : notFound('No such person.'));
    });
  post('/sandbox/command', commandRequest, async (request) => outcomeResponse(await people.command(request)));
  post('/sandbox/action', actionRequest, async (request) => outcomeResponse(await people.use(request)));
  post('/sandbox/submit', submitRequest, async (request) => outcomeResponse(await people.submit(request)));
  post('/sandbox/close', closeRequest, async (request) => outcomeResponse(await people.close(request)));
  post('/sandbox/shortcut', shortcutRequest, async (request) =>
    outcomeResponse(await people.shortcut(request)),
  );
  post('/sandbox/home', openHomeRequest, async (request) => outcomeResponse(await people.openHome(request)));
  post('/sandbox/read', readRequest, async (request) => {
    const isMember = slack.workspace.conversation(request.conversation)?.members.includes(request.as);
    if (!isMember) return notFound('No such conversation.');
    slack.log.markRead(request.as, request.conversation);
    return outcomeResponse({ ok: true });
  });
  post('/sandbox/options', optionsRequest, async (request) => {
    const outcome = await people.options(request);
    return outcome.ok ? { status: 200, body: outcome.found } : notFound(outcome.message);
  });
  addPageReads(server, parts);
}

function addPageReads(server: FastifyInstance, { state: slack, wandb, guard, stopped }: PageApiParts): void {
  const get = (path: string, read: (personId: string, query: Record<string, string>) => JsonResponse) =>
    server.get<{ Querystring: Record<string, string> }>(
      path,
      { onRequest: guard },
      async (request, reply) => {
        const me = activePersonId(slack, request.query.as ?? defaultPersonId(slack));
        return sendJson(reply, me ? read(me, request.query) : notFound('No such person.'));
      },
    );
  get('/sandbox/state', (me, { load }) => {
    if (load === '1' && slack.views.stackOf(me).length > 0) slack.views.clear(me);
    const shown = wandb();
    return { status: 200, body: { ...pageWorkspace(slack, me), ...(shown && { wandb: shown }) } };
  });
  get('/sandbox/messages', (me, { conversation = '' }) => {
    const isMember = slack.workspace.conversation(conversation)?.members.includes(me);
    if (!isMember) return notFound('No such conversation.');
    const messages = slack.log.visibleTo(me, conversation);
    return { status: 200, body: messages.filter(({ ephemeral }) => !ephemeral) };
  });
  server.get<{ Querystring: { as?: string } }>(
    '/sandbox/events',
    { onRequest: guard },
    async (request, reply) => {
      const me = activePersonId(slack, request.query.as);
      if (!me) return sendJson(reply, notFound('No such person.'));
      streamEvents(reply, stopped, (send) => slack.events.subscribe(me, send));
      return reply;
    },
  );
}

/** Returns the workspace as one person sees it. Throws for bots, deactivated and unknown people. */
export function pageWorkspace(
  { workspace, app, log, views, homes }: SlackState,
  personId: string,
): PageWorkspace {
  const everyone = workspace.people.filter(({ bot }) => !bot);
  const people = everyone.filter(({ deactivated }) => !deactivated).map(pagePerson);
  const me = people.find(({ id }) => id === personId);
  if (!me) throw new Error(`${personId} isn't an active person in the workspace`);
  const isInstalled = app.uninstalled !== true;
  const home = isInstalled ? homes.visibleTo(personId) : undefined;
  return {
    team: { id: workspace.team.id, name: workspace.team.name },
    app: {
      name: app.name,
      botUserId: workspace.app.botUserId,
      homeTab: isInstalled && (app.homeTabEnabled ?? false),
      messagesTab: workspace.app.messagesTabEnabled ?? true,
      ...(app.messagesTabReadOnly && { messagesTabReadOnly: true }),
      shortcuts: isInstalled ? (app.shortcuts ?? []) : [],
    },
    me,
    people,
    former: everyone.filter(({ deactivated }) => deactivated).map(pagePerson),
    conversations: workspace.conversationsOf(personId).map((conversation) => ({
      id: conversation.id,
      name: workspace.nameFor(personId, conversation),
      kind: conversation.kind,
      hasApp: conversation.hasApp,
    })),
    unread: log.unreadOf(personId),
    commands: isInstalled ? app.commands : [],
    views: views.visibleTo(personId),
    ...(home && { home }),
  };
}

function pagePerson({ id, name, realName, about = '' }: PersonSeed): Person {
  return { id, name, realName, about };
}

/** Returns the person whom the page shows before anyone is selected. */
function defaultPersonId(slack: SlackState): string | undefined {
  return slack.workspace.people.find(({ id }) => activePersonId(slack, id) !== undefined)?.id;
}

/** Returns the ID if it belongs to a person who may sign in: not a bot, and not deactivated. */
function activePersonId({ workspace }: SlackState, id: string | undefined): string | undefined {
  const person = workspace.people.find((one) => one.id === id);
  return person && !person.bot && !person.deactivated ? person.id : undefined;
}

function outcomeResponse(outcome: Outcome): JsonResponse {
  const error = outcome.ok ? undefined : outcome.error;
  const status =
    error === 'not_found' ? 404 : error === 'not_allowed' ? 403 : error === 'invalid_request' ? 400 : 200;
  return { status, body: outcome };
}
