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

/** A body (text, or an object as JSON), an HTTP status, or no answer. */
export type ReceiverAnswer = string | object | { status: number } | 'never' | undefined;

export interface Receiver {
  url: string;
  requests: ReceivedRequest[];
  /** Returns the answer to a request; by default an empty 200. */
  answer: (request: ReceivedRequest) => ReceiverAnswer | Promise<ReceiverAnswer>;
  stop(): Promise<void>;
}

/** Starts a minimal app without Bolt, which records Slack's requests and answers as `answer` says. */
export async function startReceiver(): Promise<Receiver> {
  const receiver: Receiver = { url: '', requests: [], answer: () => undefined, stop: async () => {} };
  const server = createServer(async (request, response) => {
    let rawBody = '';
    for await (const chunk of request.setEncoding('utf8')) rawBody += chunk;
    const fields = Object.fromEntries(new URLSearchParams(rawBody));
    const payload = fields.payload === undefined ? undefined : JSON.parse(fields.payload);
    const received = { headers: request.headers, rawBody, fields, payload };
    receiver.requests.push(received);
    const answer = await receiver.answer(received);
    if (answer === 'never') return;
    if (typeof answer === 'object' && 'status' in answer) response.writeHead(answer.status).end();
    else if (typeof answer === 'object') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    } else response.writeHead(200).end(answer);
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
