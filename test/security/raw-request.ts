import { createHmac } from 'node:crypto';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { SIGNING_SECRET } from '../workspace/running-workspace.ts';

export const FORM = 'application/x-www-form-urlencoded';

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** The headers of a request as Slack sends it, signed over exactly these bytes. */
export function signedHeaders(
  body: string | Uint8Array,
  {
    timestampSeconds = Math.floor(Date.now() / 1000),
    secret = SIGNING_SECRET,
  }: { timestampSeconds?: number; secret?: string } = {},
): Record<string, string> {
  const digest = createHmac('sha256', secret).update(`v0:${timestampSeconds}:`).update(body).digest('hex');
  return {
    'content-type': FORM,
    'x-slack-request-timestamp': String(timestampSeconds),
    'x-slack-signature': `v0=${digest}`,
  };
}

/** One request over a connection of its own. Rejects where the connection ends without an answer. */
export function send(
  url: string,
  {
    method = 'POST',
    headers,
    body,
  }: { method?: string; headers?: OutgoingHttpHeaders; body?: string | Uint8Array },
): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const sent = request(url, { method, headers: { ...length, ...headers }, agent: false });
  sent.on('error', reject);
  sent.on('response', (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('error', reject);
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
    );
  });
  sent.end(body);
  return promise;
}

/** A form with its right signature. */
export function sendSigned(
  url: string,
  body: string | Uint8Array,
  signing?: { timestampSeconds?: number; secret?: string },
): Promise<RawAnswer> {
  return send(url, { headers: signedHeaders(body, signing), body });
}

export function payloadForm(payload: unknown): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}
