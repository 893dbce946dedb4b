import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

interface ReceivedRequest {
  headers: IncomingHttpHeaders;
  rawBody: string;
  /** The fields of the form, with an unparsed `payload`. */
  fields: Record<string, string>;
  /** The parsed `payload` of an interaction. */
  payload: Record<string, unknown> & { type: string };
}

/** A body (text, or an object as JSON), an HTTP status, or no response. */
export type ReceiverResponse = string | object | { status: number } | 'never' | undefined;

export interface Receiver {
  url: string;
  requests: ReceivedRequest[];
  /** Returns the response to a request; by default an empty 200. */
  response: (request: ReceivedRequest) => ReceiverResponse | Promise<ReceiverResponse>;
  stop(): Promise<void>;
}

/** Starts a minimal app without Bolt, which records Slack's requests and responses as `response` says. */
export async function startReceiver(): Promise<Receiver> {
  const receiver: Receiver = { url: '', requests: [], response: () => undefined, stop: async () => {} };
  const server = createServer(async (request, response) => {
    let rawBody = '';
    for await (const chunk of request.setEncoding('utf8')) rawBody += chunk;
    const fields = Object.fromEntries(new URLSearchParams(rawBody));
    const payload = fields.payload === undefined ? undefined : JSON.parse(fields.payload);
    const received = { headers: request.headers, rawBody, fields, payload };
    receiver.requests.push(received);
    const scripted = await receiver.response(received);
    if (scripted === 'never') return;
    if (typeof scripted === 'object' && 'status' in scripted) response.writeHead(scripted.status).end();
    else if (typeof scripted === 'object') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(scripted));
    } else response.writeHead(200).end(scripted);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
  receiver.stop = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return receiver;
}
