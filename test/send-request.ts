import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';

export const FORM = 'application/x-www-form-urlencoded';

export interface RawResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Sends one request over a new connection. Rejects if the connection ends without a response. */
export function send(
  url: string,
  {
    method = 'POST',
    headers,
    body,
  }: { method?: string; headers?: OutgoingHttpHeaders; body?: string | Uint8Array },
): Promise<RawResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<RawResponse>();
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
