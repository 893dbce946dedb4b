import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AppResponse } from '../protocol/app-response.ts';
import { randomCharacters } from '../protocol/slack-ids.ts';

const maximumConnections = 10;
const ticketValidForMs = 30_000;
const closeTimeoutMs = 1000;
const warningMs = 10_000;
const pingIntervalMs = 10_000;

/** The message around a payload. Only events are retried, and their acknowledgement takes no payload. */
export interface Envelope {
  type: 'slash_commands' | 'interactive' | 'events_api';
  payload: unknown;
  accepts_response_payload: boolean;
  retry_attempt?: number;
  retry_reason?: string;
}

/** Slack's side of Socket Mode. Slack sends a request over any open connection; here they take turns. */
export interface SocketMode {
  /** Returns the URL for `apps.connections.open`, which is valid for one connection. */
  newUrl(): string;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  isConnected(): boolean;
  /** Returns the number of open connections, including those asked to disconnect. */
  count(): number;
  send(envelope: Envelope, acknowledgeWithinMs: number): Promise<AppResponse>;
  /**
   * Asks every client to reconnect and closes its connection: after 10 seconds for a `warning`, otherwise at once. The
   * connection gets no new payloads, and those it hasn't acknowledged when it closes count as undelivered.
   */
  disconnect(reason: 'warning' | 'refresh_requested' | 'link_disabled'): void;
  /** Closes every connection with a close frame. */
  stop(): Promise<void>;
}

export function createSocketMode(parts: {
  appId: string;
  now: () => number;
  /** `ws://127.0.0.1:1234` */
  origin: () => string;
  /** Called when a connection opens or closes. */
  changed: () => void;
}): SocketMode {
  const server = new WebSocketServer({ noServer: true });
  const tickets = createTickets(parts.now);
  const envelopes = createEnvelopes();
  const connections = createConnections({ ...parts, envelopes });
  return {
    newUrl: () => `${parts.origin()}/link/?ticket=${tickets.issue()}&app_id=${parts.appId}`,
    handleUpgrade(request, socket, head) {
      const url = new URL(request.url ?? '', parts.origin());
      const isValid = tickets.use(url.searchParams.get('ticket') ?? '') && url.pathname === '/link/';
      if (isValid) server.handleUpgrade(request, socket, head, connections.accept);
      else socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
    },
    isConnected: () => connections.usable().length > 0,
    count: () => connections.all.length,
    async send(envelope, acknowledgeWithinMs) {
      const connection = connections.next();
      if (!connection) return { kind: 'unreachable', reason: 'no connection is open' };
      return envelopes.send(connection, envelope, acknowledgeWithinMs);
    },
    disconnect(reason) {
      for (const connection of connections.usable()) {
        connections.retire(connection);
        if (reason === 'warning') warn(connection);
        else refuse(connection, reason);
      }
    },
    async stop() {
      envelopes.abandon(() => true);
      await Promise.all([...connections.all].map(closeGracefully));
      server.close();
    },
  };
}

/** Creates the pool of connections, which get envelopes in turn. */
function createConnections({
  appId,
  changed,
  envelopes,
}: {
  appId: string;
  changed: () => void;
  envelopes: ReturnType<typeof createEnvelopes>;
}) {
  const all: WebSocket[] = [];
  /** The connections whose clients were asked to disconnect. */
  const retired = new WeakSet<WebSocket>();
  let turn = 0;
  const usable = () =>
    all.filter((connection) => connection.readyState === connection.OPEN && !retired.has(connection));
  return {
    all,
    usable,
    next(): WebSocket | undefined {
      const open = usable();
      return open[turn++ % open.length];
    },
    retire: (connection: WebSocket) => void retired.add(connection),
    accept(connection: WebSocket): void {
      connection.on('error', () => connection.terminate());
      if (all.length >= maximumConnections) {
        refuse(connection, 'too_many_websockets');
        return;
      }
      all.push(connection);
      connection.on('message', (data) => envelopes.acknowledge(String(data)));
      connection.on('close', () => {
        all.splice(all.indexOf(connection), 1);
        envelopes.abandon((sentOver) => sentOver === connection);
        changed();
      });
      connection.send(JSON.stringify(hello(appId, all.length)));
      keepPinging(connection);
      changed();
    },
  };
}

/** Creates tickets, each valid for one connection within 30 seconds. */
function createTickets(now: () => number) {
  const expiresAtMs = new Map<string, number>();
  return {
    issue(): string {
      const ticket = randomUUID();
      expiresAtMs.set(ticket, now() + ticketValidForMs);
      return ticket;
    },
    use(ticket: string): boolean {
      const expiry = expiresAtMs.get(ticket);
      expiresAtMs.delete(ticket);
      return expiry !== undefined && now() < expiry;
    },
  };
}

/** Sends envelopes and waits for their acknowledgements. */
function createEnvelopes() {
  const waiting = new Map<string, { connection: WebSocket; settle: (response: AppResponse) => void }>();
  return {
    send(connection: WebSocket, envelope: Envelope, acknowledgeWithinMs: number): Promise<AppResponse> {
      const envelope_id = randomUUID();
      const { promise, resolve } = Promise.withResolvers<AppResponse>();
      const settle = (response: AppResponse) => {
        clearTimeout(timer);
        waiting.delete(envelope_id);
        resolve(response);
      };
      const timer = setTimeout(() => settle({ kind: 'timed_out' }), acknowledgeWithinMs);
      waiting.set(envelope_id, { connection, settle });
      connection.send(JSON.stringify({ envelope_id, ...envelope }));
      return promise;
    },
    acknowledge(text: string): void {
      const message = parseAcknowledgement(text);
      const body = message.payload === undefined ? '' : JSON.stringify(message.payload);
      waiting
        .get(message.envelope_id ?? '')
        ?.settle({ kind: 'responded', status: 200, contentType: 'application/json', body });
    },
    abandon(isClosed: (connection: WebSocket) => boolean): void {
      for (const { connection, settle } of [...waiting.values()]) {
        if (isClosed(connection)) settle({ kind: 'unreachable', reason: 'the connection closed' });
      }
    },
  };
}

function parseAcknowledgement(text: string): { envelope_id?: string; payload?: unknown } {
  try {
    return JSON.parse(text) as ReturnType<typeof parseAcknowledgement>;
  } catch {
    return {};
  }
}

function refuse(connection: WebSocket, reason: string): void {
  connection.send(disconnectMessage(reason));
  connection.close(1000);
}

function warn(connection: WebSocket): void {
  connection.send(disconnectMessage('warning'));
  const timer = setTimeout(() => connection.close(1000), warningMs).unref();
  connection.on('close', () => clearTimeout(timer));
}

function disconnectMessage(reason: string): string {
  return JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'sandbox' } });
}

/** Clients close a connection that no longer pings. */
function keepPinging(connection: WebSocket): void {
  connection.ping('Ping from the sandbox');
  const timer = setInterval(() => connection.ping('Ping from the sandbox'), pingIntervalMs).unref();
  connection.on('close', () => clearInterval(timer));
}

/** Waits up to a second for the client's close frame. */
async function closeGracefully(connection: WebSocket): Promise<void> {
  const closed = new Promise((resolve) => connection.once('close', resolve));
  const timer = setTimeout(() => connection.terminate(), closeTimeoutMs);
  connection.close(1001);
  await closed;
  clearTimeout(timer);
}

function hello(appId: string, connectionCount: number) {
  return {
    type: 'hello',
    num_connections: connectionCount,
    connection_info: { app_id: appId },
    debug_info: {
      host: `sandbox-${randomCharacters(6)}`,
      build_number: 1,
      approximate_connection_time: 18060,
    },
  };
}
