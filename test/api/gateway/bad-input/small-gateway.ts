import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { Agent } from 'undici';
import { afterAll, beforeAll } from 'vitest';
import { createGatewayMetrics } from '../../../../src/api/gateway/gateway-metrics.ts';
import {
  addGatewayRoutes,
  type GatewayRoutesDependencies,
} from '../../../../src/api/gateway/gateway-routes.ts';
import { createFailureLimit } from '../../../../src/api/server/failure-limit.ts';
import { createHttpServer, type HttpServerDependencies } from '../../../../src/api/server/http-server.ts';
import { createWritingRuns } from '../../../../src/application/gateway/writing-runs.ts';
import { quickFolder } from '../../../store/database/migrated-database.ts';
import { openSharedSqliteWorld } from '../../../store/database/temporary-database.ts';
import {
  type AddedKey,
  addKey,
  basic,
  type CredentialWorld,
  openCredentialWorld,
} from '../../../world/credential-world.ts';
import {
  createTestCredentials,
  type TestUpstreamCredentials,
  teamKey,
} from '../../../world/gateway-world.ts';

export const LINES = '/files/ml-platform/demo/run1/file_stream';
export const FILE = '/files/ml-platform/demo/run1/model.pt';

/** The API key that Keysmith sends to the W&B server for each team. */
export const UPSTREAM_KEY = 'upstream-key-of-';

export interface SmallGateway {
  url: string;
  world: CredentialWorld;
  /** Of an account of the team `ml-platform`. */
  added: AddedKey;
  authorization: string;
  credentials: TestUpstreamCredentials;
  upstream: ByteUpstream;
  registry: Registry;
  /** Lets time pass for the gateway. */
  advance(milliseconds: number): void;
  /** Stops the server alone. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** Options that differ from those of a running Keysmith. */
export interface SmallGatewayOptions extends Pick<GatewayRoutesDependencies, 'limits'> {
  server?: Partial<HttpServerDependencies>;
}

/** Starts a server that has only the gateway's routes, for all tests of a file. */
export function sharedSmallGateway(options: SmallGatewayOptions = {}): () => SmallGateway {
  let gateway: SmallGateway | undefined;
  beforeAll(async () => {
    gateway = await startSmallGateway(options);
  });
  afterAll(() => gateway?.close());
  return () => {
    if (gateway === undefined) throw new Error('not started');
    return gateway;
  };
}

export async function startSmallGateway({
  limits,
  server: serverOptions,
}: SmallGatewayOptions = {}): Promise<SmallGateway> {
  const folder = mkdtempSync(join(quickFolder(), 'keysmith-gateway-'));
  const sqlite = await openSharedSqliteWorld(join(folder, 'keysmith.db'));
  const world = await openCredentialWorld(sqlite);
  const added = await addKey(world);
  const credentials = createTestCredentials();
  for (const team of ['ml-platform', 'vision'])
    credentials.byTeam.set(team, teamKey(team, `${UPSTREAM_KEY}${team}`));
  const upstream = await startByteUpstream();
  const registry = new Registry();
  const dispatcher = new Agent();
  let aheadMs = 0;
  const monotonicMs = () => performance.now() + aheadMs;
  const { ports } = world;
  let url = '';
  const server = createHttpServer({
    slack: { path: '/slack/events', listener: () => undefined },
    isReady: async () => {},
    logger: ports.logger,
    register: (scope) =>
      addGatewayRoutes(scope, {
        ports,
        failureLimit: createFailureLimit(),
        writingRuns: createWritingRuns({ now: ports.now, monotonicMs }),
        counts: createGatewayMetrics([registry]),
        monotonicMs,
        credentials,
        dispatcher,
        upstreamUrl: upstream.url,
        appUrl: 'https://wandb.acme.test',
        moreMutations: [],
        publicUrl: () => url,
        ...(limits && { limits }),
      }),
    ...serverOptions,
  });
  url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    world,
    added,
    authorization: basic('api', added.key),
    credentials,
    upstream,
    registry,
    advance(milliseconds) {
      aheadMs += milliseconds;
    },
    stop: () => server.close(),
    async close() {
      await server.close();
      await dispatcher.destroy();
      await upstream.close();
      await sqlite.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A server that speaks bytes: a test writes whatever it sends. */
interface ByteUpstream {
  url: string;
  /** Every byte of every connection, in the order of the connections. */
  received: string[];
  /** Called at the beginning of each request. By default, every request gets an empty answer. */
  respond: (socket: Socket) => void;
  /** Forgets what was received, and responds by default. */
  reset(): void;
  /** How many connections that had a request are open. */
  open(): number;
  /** Stops and starts to listen at its port. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

const EMPTY_ANSWER =
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\nConnection: close\r\n\r\n{"data":{}}';

async function startByteUpstream(): Promise<ByteUpstream> {
  const sockets = new Set<Socket>();
  const serving = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      serving.delete(socket);
    });
    const index = upstream.received.push('') - 1;
    const { received } = upstream;
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      received[index] += text;
      if (!/^[A-Z]+ \//.test(text)) return;
      serving.add(socket);
      upstream.respond(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const respondEmpty = (socket: Socket) => void socket.end(EMPTY_ANSWER);
  const upstream: ByteUpstream = {
    url: `http://127.0.0.1:${port}`,
    received: [],
    respond: respondEmpty,
    reset() {
      upstream.received = [];
      upstream.respond = respondEmpty;
    },
    open: () => serving.size,
    async pause() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
    async resume() {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    close: () => upstream.pause(),
  };
  return upstream;
}

/** A client that speaks bytes. */
export interface ByteClient {
  socket: Socket;
  /** Everything that was received so far. */
  text(): string;
  closed: Promise<void>;
}

export async function connectBytes(url: string): Promise<ByteClient> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  await once(socket, 'connect');
  return { socket, text: () => text, closed };
}
