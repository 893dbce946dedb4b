import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { OfferedRuns, RunListEvent, RunPageEvent, RunPath } from '../protocol/runs-protocol.ts';
import type { Signal } from '../traffic/traffic.ts';
import { type ApiGuards, invalidRequest, notFound, readJson, sendJson, streamEvents } from './json-api.ts';
import { createListChanges, createPageChanges } from './run-changes.ts';

const name = z.string().min(1).max(200);
const path = { entity: name, project: name, run: name };
const stopRequest = z.strictObject(path);
const eventsQuery = z.strictObject(path).or(z.strictObject({}).transform(() => undefined));
const fileQuery = z.strictObject({ ...path, file: z.string().min(1).max(1000) });

/** A run that logs a thousand rows a second costs no more than one that logs two. */
const MIN_INTERVAL_MS = 300;
/** A run crashes without a request that would say so. */
const REFRESH_AFTER_MS = 10_000;

interface RunsApiParts extends ApiGuards {
  /** Undefined until there are runs to show. */
  runs: () => OfferedRuns | undefined;
  runsChanged: Signal<void>;
}

/** Adds the routes that runs-protocol.ts describes. */
export function addRunsApi(server: FastifyInstance, parts: RunsApiParts): void {
  const { guard, stopped, runs, runsChanged } = parts;
  server.get('/sandbox/wandb/events', { onRequest: guard }, async (request, reply) => {
    const query = eventsQuery.safeParse(request.query);
    if (!query.success)
      return sendJson(reply, invalidRequest('Name a team, a project and a run, or nothing.'));
    const next = query.data ? pageEvents(runs, query.data) : listEvents(runs);
    streamEvents(reply, stopped, (send, isBehind) => pace({ next, send, isBehind, changed: runsChanged }));
    return reply;
  });
  server.post('/sandbox/wandb/stop', { onRequest: guard }, async (request, reply) => {
    const read = readJson(request, stopRequest);
    if (!read.ok) return sendJson(reply, invalidRequest(read.message));
    const result = runs()?.stop(read.value) ?? 'not_found';
    if (result === 'not_found') return sendJson(reply, notFound('No such run.'));
    if (result === 'not_running') {
      const message = 'The run isn’t running any longer.';
      return sendJson(reply, { status: 409, body: { ok: false, error: result, message } });
    }
    return sendJson(reply, { status: 200, body: { ok: true } });
  });
  server.get('/sandbox/wandb/file', { onRequest: guard }, async (request, reply) => {
    const query = fileQuery.safeParse(request.query);
    const bytes = query.success ? runs()?.file(query.data, query.data.file) : undefined;
    if (!query.success || !bytes) return sendJson(reply, notFound('No such file.'));
    return reply.headers(downloadHeaders(query.data.file)).send(bytes);
  });
  addRunLinks(server, parts);
}

type Runs = RunsApiParts['runs'];

function listEvents(runs: Runs): () => RunListEvent | undefined {
  const changes = createListChanges();
  return () => {
    const list = runs()?.list();
    return list && changes(list);
  };
}

function pageEvents(runs: Runs, path: RunPath): () => RunPageEvent | undefined {
  let changes: ReturnType<typeof createPageChanges> | undefined;
  let isMissing = false;
  return () => {
    const offered = runs();
    if (!offered) return undefined;
    const page = offered.page(path);
    if (!page) {
      const isNews = !isMissing;
      isMissing = true;
      changes = undefined;
      return isNews ? { type: 'missing' } : undefined;
    }
    isMissing = false;
    changes ??= createPageChanges();
    const changed = changes(page);
    return changed && { type: 'run', changes: changed };
  };
}

interface PacedParts {
  /** Returns undefined if there is nothing new. */
  next: () => object | undefined;
  send: (event: object) => void;
  isBehind: () => boolean;
  changed: Signal<void>;
}

/**
 * Sends the next event at once, then after changes, but at most three times a second and not while the client is behind. Returns a
 * function that ends it.
 */
function pace({ next, send, isBehind, changed }: PacedParts): () => void {
  let timer: NodeJS.Timeout | undefined;
  let dueMs = Number.POSITIVE_INFINITY;
  let earliestMs = 0;
  const plan = (atMs: number) => {
    if (atMs >= dueMs) return;
    clearTimeout(timer);
    dueMs = atMs;
    timer = setTimeout(act, Math.max(0, atMs - performance.now()));
  };
  const act = () => {
    const nowMs = performance.now();
    dueMs = Number.POSITIVE_INFINITY;
    earliestMs = nowMs + MIN_INTERVAL_MS;
    if (isBehind()) return plan(earliestMs);
    const event = next();
    if (event) send(event);
    plan(nowMs + REFRESH_AFTER_MS);
  };
  const unsubscribe = changed.subscribe(() => plan(Math.max(performance.now(), earliestMs)));
  act();
  return () => {
    clearTimeout(timer);
    unsubscribe();
  };
}

/** Never shown by the browser as a page of this server. */
const downloadHeaders = (file: string) => ({
  'content-type': 'application/octet-stream',
  'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.split('/').at(-1) ?? '').replace(/['()*]/g, '_')}`,
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
});

/** Redirects the links of W&B's SDK to the page, which opens what the fragment names. */
function addRunLinks(server: FastifyInstance, { guard }: Pick<RunsApiParts, 'guard'>): void {
  server.get('/wandb', { onRequest: guard }, (_request, reply) => reply.redirect('/#wandb='));
  server.get<{ Params: { '*': string } }>('/wandb/*', { onRequest: guard }, ({ params }, reply) =>
    reply.redirect(`/#${new URLSearchParams({ wandb: params['*'].toWellFormed() })}`),
  );
}
