import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PersonActions } from '../people/person-actions.ts';
import type {
  Outcome,
  PageWorkspace,
  Person,
  PageWorkspace as ShownWorkspace,
} from '../protocol/page-protocol.ts';
import type { SlackState } from '../workspace/slack-state.ts';

/** The workspace as one person sees it. */
export function pageWorkspace({ workspace, app, views, homes }: SlackState, me: string): PageWorkspace {
  const people = workspace.people
    .filter(({ bot, deactivated }) => !bot && !deactivated)
    .map(({ id, name, realName, about = '' }): Person => ({ id, name, realName, about }));
  const myself = people.find(({ id }) => id === me);
  if (!myself) throw new Error(`${me} is no person of the workspace`);
  const home = homes.visibleTo(me);
  return {
    team: { id: workspace.team.id, name: workspace.team.name },
    app: {
      name: app.name,
      botUserId: workspace.app.botUserId,
      homeTab: app.homeTabEnabled ?? false,
      messagesTab: workspace.app.messagesTabEnabled ?? true,
      shortcuts: app.shortcuts ?? [],
    },
    me: myself,
    people,
    conversations: workspace.conversationsOf(me).map((conversation) => ({
      id: conversation.id,
      name: workspace.nameFor(me, conversation),
      kind: conversation.kind,
      hasApp: conversation.hasApp,
    })),
    commands: app.commands,
    views: views.visibleTo(me),
    ...(home && { home }),
  };
}

/**
 * Answers with server-sent events, each `data:` one event as JSON, until the reader goes or the server stops.
 * `subscribe` gets what sends one, and returns what ends the subscription.
 */
export function streamEvents(
  reply: FastifyReply,
  stopped: AbortSignal,
  subscribe: (send: (event: object) => void) => () => void,
): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  raw.write(': connected\n\n');
  const unsubscribe = subscribe((event) => raw.write(`data: ${JSON.stringify(event)}\n\n`));
  const end = () => {
    unsubscribe();
    raw.end();
  };
  stopped.addEventListener('abort', end, { once: true });
  raw.on('close', () => {
    unsubscribe();
    stopped.removeEventListener('abort', end);
  });
}

export type ParsedBody<T> = { ok: true; value: T } | { ok: false; message: string };

/**
 * The body of a request of the page. The content type has to say JSON: a page of another site can't send that without
 * asking first.
 */
export function readJson<T>(request: FastifyRequest, schema: z.ZodType<T>): ParsedBody<T> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    return { ok: false, message: 'The content type has to be application/json.' };
  }
  let json: unknown;
  try {
    json = JSON.parse(String(request.body));
  } catch {
    return { ok: false, message: 'The body is not JSON.' };
  }
  const parsed = schema.safeParse(json);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, message: z.prettifyError(parsed.error) };
}

type Guard = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

const elementState = z.looseObject({ type: z.string() });
const state = z.record(z.string(), z.record(z.string(), elementState));
const as = z.string();

const message = z.strictObject({ conversation: z.string(), ts: z.string() });
const container = z.union([message, z.strictObject({ view: z.string() })]);

const commandTyped = z.strictObject({ as, conversation: z.string(), line: z.string().max(16_000) });
const elementUsed = z.strictObject({
  as,
  container,
  block_id: z.string(),
  action_id: z.string(),
  element: elementState,
  state,
});
const optionsWanted = z.strictObject({
  as,
  container,
  block_id: z.string(),
  action_id: z.string(),
  query: z.string(),
});
const viewSubmitted = z.strictObject({ as, view: z.string(), state });
const viewClosed = z.strictObject({ as, view: z.string() });
const shortcutUsed = z.strictObject({ as, callback_id: z.string(), message: message.exactOptional() });
const appHomeOpened = z.strictObject({ as, tab: z.enum(['home', 'messages']) });

/** The API of page-protocol.ts. */
export function addPageApi(
  server: FastifyInstance,
  parts: {
    state: SlackState;
    people: PersonActions;
    guard: Guard;
    stopped: AbortSignal;
  },
): void {
  const { people, guard, state: slack } = parts;
  const post = <T extends { as: string }>(
    path: string,
    schema: z.ZodType<T>,
    act: (asked: T) => Promise<Answer>,
  ) =>
    server.post(path, { onRequest: guard }, async (request, reply) => {
      const read = readJson(request, schema);
      const { status, body } = await answerTo(slack, read, act);
      return reply.code(status).header('cache-control', 'no-store').send(body);
    });
  post('/sandbox/command', commandTyped, async (asked) => answered(await people.command(asked)));
  post('/sandbox/action', elementUsed, async (asked) => answered(await people.use(asked)));
  post('/sandbox/submit', viewSubmitted, async (asked) => answered(await people.submit(asked)));
  post('/sandbox/close', viewClosed, async (asked) => answered(await people.close(asked)));
  post('/sandbox/shortcut', shortcutUsed, async (asked) => answered(await people.shortcut(asked)));
  post('/sandbox/home', appHomeOpened, async (asked) => answered(await people.openHome(asked)));
  post('/sandbox/options', optionsWanted, async (asked) => {
    const outcome = await people.options(asked);
    return outcome.ok ? { status: 200, body: outcome.found } : notFound(outcome.message);
  });
  addReads(server, parts);
}

interface Answer {
  status: number;
  body: object;
}

async function answerTo<T extends { as: string }>(
  slack: SlackState,
  read: ParsedBody<T>,
  act: (asked: T) => Promise<Answer>,
): Promise<Answer> {
  if (!read.ok) return invalid(read.message);
  return personOf(slack, read.value.as) ? act(read.value) : notFound('There is no such person.');
}

function addReads(
  server: FastifyInstance,
  { state: slack, guard, stopped }: { state: SlackState; guard: Guard; stopped: AbortSignal },
): void {
  const get = (path: string, read: (personId: string, query: Record<string, string>) => Answer) =>
    server.get<{ Querystring: Record<string, string> }>(
      path,
      { onRequest: guard },
      async (request, reply) => {
        const me = personOf(slack, request.query.as ?? firstPerson(slack));
        const { status, body } = me ? read(me, request.query) : notFound('There is no such person.');
        return reply.code(status).header('cache-control', 'no-store').send(body);
      },
    );
  get('/sandbox/state', (me, { load }) => {
    if (load === '1' && slack.views.stackOf(me).length > 0) slack.views.clear(me);
    return { status: 200, body: pageWorkspace(slack, me) satisfies ShownWorkspace };
  });
  get('/sandbox/messages', (me, { conversation = '' }) => {
    const isMember = slack.workspace.conversation(conversation)?.members.includes(me);
    if (!isMember) return notFound('There is no such conversation.');
    return {
      status: 200,
      body: slack.log.visibleTo(me, conversation).filter(({ ephemeral }) => !ephemeral),
    };
  });
  server.get<{ Querystring: { as?: string } }>(
    '/sandbox/events',
    { onRequest: guard },
    async (request, reply) => {
      const me = personOf(slack, request.query.as);
      if (!me) return reply.code(404).send(notFound('There is no such person.').body);
      streamEvents(reply, stopped, (send) => slack.events.subscribe(me, send));
      return reply;
    },
  );
}

/** Whom a page that has not chosen yet looks as. */
function firstPerson(slack: SlackState): string | undefined {
  return slack.workspace.people.find(({ id }) => personOf(slack, id) !== undefined)?.id;
}

/** Only people of flesh and blood who may still sign in. */
function personOf({ workspace }: SlackState, id: string | undefined): string | undefined {
  const person = workspace.people.find((one) => one.id === id);
  return person && !person.bot && !person.deactivated ? person.id : undefined;
}

function answered(outcome: Outcome): Answer {
  const error = outcome.ok ? undefined : outcome.error;
  const status =
    error === 'not_found' ? 404 : error === 'not_allowed' ? 403 : error === 'invalid_request' ? 400 : 200;
  return { status, body: outcome };
}

function invalid(message: string): Answer {
  return {
    status: 400,
    body: { ok: false, error: 'invalid_request', message },
  };
}

function notFound(message: string): Answer {
  return { status: 404, body: { ok: false, error: 'not_found', message } };
}
