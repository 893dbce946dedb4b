import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

/** A W&B server whose every response a test writes. */
export interface ScriptedUpstream {
  url: string;
  /** Of all requests, in order. */
  requests: { method: string; url: string; headers: IncomingMessage['headers']; body: Promise<string> }[];
  /** Responds to every request. By default with an empty GraphQL answer. */
  respond: Respond;
  /** Forgets the requests, and responds by default. */
  reset(): void;
  stop(): Promise<void>;
}

const respondEmpty: Respond = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{}}');
};

/** @param path for a server under a path: `/wandb` */
export async function startScriptedUpstream(path = ''): Promise<ScriptedUpstream> {
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    request.on('error', () => {});
    upstream.requests.push({ method, url, headers, body: text(request).catch(() => '') });
    upstream.respond(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const upstream: ScriptedUpstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    requests: [],
    respond: respondEmpty,
    reset() {
      upstream.requests.length = 0;
      upstream.respond = respondEmpty;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return upstream;
}
