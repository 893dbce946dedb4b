import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface ReceivedRequest {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: { query: string; variables: Record<string, unknown>; operationName: string };
}

export type Responder = (response: ServerResponse, request: ReceivedRequest) => void;

/** A server with scripted responses: one after the other, the last one for every further request. */
export interface WandbServer {
  url: string;
  requests: ReceivedRequest[];
  respondWith(...responders: Responder[]): void;
  stop(): Promise<void>;
}

export async function startWandbServer(): Promise<WandbServer> {
  const requests: ReceivedRequest[] = [];
  let script: Responder[] = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const received = { method, url, headers, body: JSON.parse(await text(request)) };
    requests.push(received);
    const next = script.length > 1 ? script.shift() : script[0];
    if (next === undefined) throw new Error('No response is scripted.');
    next(response, received);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    respondWith: (...responders) => {
      script = responders;
    },
    stop: async () => {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Responder {
  return (response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));
}

export function data(value: unknown): Responder {
  return json({ data: value });
}

export function html(status = 200): Responder {
  return (response) =>
    void response
      .writeHead(status, { 'content-type': 'text/html' })
      .end('<!doctype html><title>Log in</title>');
}

export function status(code: number, headers: Record<string, string> = {}): Responder {
  return (response) => void response.writeHead(code, headers).end();
}

/** Breaks the connection before the response. */
export const cut: Responder = (response) => void response.socket?.resetAndDestroy();

/** Breaks the connection in the middle of the response. */
export const cutWithin: Responder = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"data":', () => response.socket?.resetAndDestroy());
};

/** Sends one byte and no more. */
export const drip: Responder = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{');
};

export const silence: Responder = () => {};

/** Sends a response without an end. */
export const flood: Responder = (response) => {
  const chunk = 'x'.repeat(64 * 1024);
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":"');
  more();
};
