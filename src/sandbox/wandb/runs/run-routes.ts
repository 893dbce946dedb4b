import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { jsonResponse } from '../../http/local-server.ts';
import { authenticate } from '../caller.ts';
import type { Capabilities } from '../capabilities.ts';
import { notFound, requireTeamWriter, visibleTeam, WandbError } from '../permissions.ts';
import type { RequestLog, WandbRouteRequest } from '../request-log.ts';
import { type RoutePlans, respondToRoute } from '../route-response.ts';
import type { WandbState } from '../wandb-state.ts';
import { applyFileStream, fileStreamResponse, readFileStream } from './file-stream.ts';
import { runFileKey } from './run.ts';
import { MAX_CONTENT_BYTES, type RunKeeping } from './run-keeping.ts';
import type { StoredContent } from './stored-contents.ts';

export interface RunRouteParts extends RoutePlans {
  basePath: string;
  state: WandbState;
  runs: RunKeeping;
  capabilities: Readonly<Capabilities>;
  log: RequestLog;
  now: () => number;
}

/** The SDK sends about 10 MiB at once. */
const MAX_STREAM_BYTES = 16 * 2 ** 20;

const gunzipped = promisify(gunzip);

/** Adds the routes beside `/graphql` with which clients stream a run's lines and send and receive files. */
export function addRunRoutes(server: FastifyInstance, parts: RunRouteParts): void {
  server.register(async (routes) => {
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    routes.setErrorHandler((error: { message: string; statusCode?: number }, _request, reply) => {
      const status = error instanceof WandbError ? error.status : (error.statusCode ?? 500);
      return reply.code(status).send({ error: error.message });
    });
    const records = new WeakMap<FastifyRequest, WandbRouteRequest>();
    routes.addHook('onRequest', async (request) => {
      const { method, url, headers } = request;
      const caller = authenticate(parts.state, headers.authorization, parts.now);
      const username = caller.kind === 'user' ? caller.user.username : null;
      const path = url.replace(/\?.*/s, '');
      records.set(request, parts.log.beginRoute({ method, path, headers, caller: username }));
      if (!parts.capabilities.keepsRuns) throw new WandbError('not found', { status: 404 });
    });
    routes.addHook('onSend', async (request, reply) => {
      const record = records.get(request);
      if (record) record.status = reply.statusCode;
    });
    addFileStream(routes, parts);
    addFileDownload(routes, parts);
    addArtifactDownload(routes, parts);
    addStorage(routes, parts);
  });
}

type RunPath = { entity: string; project: string; run: string };

function addFileStream(routes: FastifyInstance, parts: RunRouteParts): void {
  routes.post<{ Params: RunPath }>(
    `${parts.basePath}/files/:entity/:project/:run/file_stream`,
    { bodyLimit: MAX_STREAM_BYTES },
    async (request, reply) => {
      const text = await streamedText(request);
      const effect = () => jsonResponse(storeLines(parts, request, text));
      await respondToRoute(reply, parts, { operation: FILE_STREAM, effect });
    },
  );
}

/** The name under which failures and holds of this route are planned. */
const FILE_STREAM = 'file_stream';

function storeLines(
  parts: RunRouteParts,
  request: FastifyRequest<{ Params: RunPath }>,
  text: string,
): object {
  const { state, runs, now } = parts;
  const { entity, project, run: name } = request.params;
  const caller = callerOf(parts, request);
  const team = requireTeamWriter(state, caller, { entityName: entity, operation: FILE_STREAM });
  const run = runs.store.run(team.name, project, name);
  if (!run) throw notFound(`run ${entity}/${project}/${name}`, FILE_STREAM);
  const chunk = readFileStream(text);
  if (!chunk) throw new WandbError('invalid file stream', { status: 400 });
  applyFileStream(run, chunk, now());
  runs.store.changed(run);
  return fileStreamResponse(run);
}

async function streamedText({ headers, body }: FastifyRequest): Promise<string> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  if (headers['content-encoding'] !== 'gzip') return bytes.toString();
  const text = await gunzipped(bytes, { maxOutputLength: MAX_STREAM_BYTES }).catch(() => undefined);
  if (!text) throw new WandbError('invalid or too large gzip body', { status: 400 });
  return text.toString();
}

function callerOf({ state, now }: RunRouteParts, { headers }: FastifyRequest) {
  const caller = authenticate(state, headers.authorization, now);
  if (caller.kind === 'unknown') throw new WandbError('permission denied', { status: 401 });
  return caller;
}

/** Returns a run's file to a caller with credentials. */
function addFileDownload(routes: FastifyInstance, parts: RunRouteParts): void {
  const { basePath, state, runs } = parts;
  routes.get<{ Params: RunPath & { '*': string } }>(
    `${basePath}/files/:entity/:project/:run/*`,
    async (request, reply) => {
      const { entity, project, run: name, '*': file } = request.params;
      const team = visibleTeam(state, callerOf(parts, request), entity);
      const run = team && runs.store.run(team.name, project, name);
      const content = run?.files.has(file) ? runs.contents.get(runFileKey(run, file)) : undefined;
      if (!content) throw new WandbError('file not found', { status: 404 });
      return sendContent(reply, content);
    },
  );
}

/** Returns a file of an artifact, which clients name by its MD5 in hexadecimal. */
function addArtifactDownload(routes: FastifyInstance, parts: RunRouteParts): void {
  const { basePath, state, runs } = parts;
  const download = (request: FastifyRequest, reply: FastifyReply, entity: string, rest: string) => {
    const team = visibleTeam(state, callerOf(parts, request), entity);
    const hex = rest.split('/').find((segment) => /^[0-9a-f]{32}$/.test(segment));
    const content = team && hex ? runs.artifacts.content(team.name, hexToBase64(hex)) : undefined;
    if (!content) throw new WandbError('artifact file not found', { status: 404 });
    return sendContent(reply, content);
  };
  routes.get<{ Params: { entity: string; '*': string } }>(
    `${basePath}/artifacts/:entity/*`,
    async (request, reply) => download(request, reply, request.params.entity, request.params['*']),
  );
  routes.get<{ Params: { region: string; entity: string; '*': string } }>(
    `${basePath}/artifactsV2/:region/:entity/*`,
    async (request, reply) => download(request, reply, request.params.entity, request.params['*']),
  );
}

const hexToBase64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');

/** Serves signed URLs. Credentials are ignored, because old SDKs send theirs to any URL. */
function addStorage(routes: FastifyInstance, { basePath, runs, now }: RunRouteParts): void {
  interface Signed {
    Params: { '*': string };
    Querystring: { expires?: unknown; signature?: unknown };
  }
  const path = `${basePath}/storage/*`;
  const requireSignature = (method: 'GET' | 'PUT') => async (request: FastifyRequest) => {
    const { params, query } = request as FastifyRequest<Signed>;
    if (!runs.urls.verify(method, params['*'], query)) throw new WandbError('access denied', { status: 403 });
  };
  routes.put<Signed>(
    path,
    { bodyLimit: MAX_CONTENT_BYTES, onRequest: requireSignature('PUT') },
    async ({ params, headers, body }, reply) => {
      const stored = runs.contents.put({
        key: params['*'],
        bytes: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
        mimetype: headers['content-type'] ?? 'application/octet-stream',
        updatedAtMs: now(),
      });
      if (!stored) throw new WandbError('file too large', { status: 413 });
      return reply.code(200).send('');
    },
  );
  routes.get<Signed>(path, { onRequest: requireSignature('GET') }, async ({ params }, reply) => {
    const content = runs.contents.get(params['*']);
    if (!content) throw new WandbError('file not found', { status: 404 });
    return sendContent(reply, content);
  });
}

/** Sends a file in a way that no browser runs it as a page of this server. */
function sendContent(reply: FastifyReply, { bytes, mimetype }: StoredContent): FastifyReply {
  return reply
    .headers({
      'content-type': /^[\w.+-]+\/[\w.+-]+$/.test(mimetype) ? mimetype : 'application/octet-stream',
      'content-disposition': 'attachment',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    })
    .send(bytes);
}
