import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AppResponse } from '../protocol/app-response.ts';

/**
 * Sends one POST without following redirects. It uses node:http, which handles the response in the tick in which it
 * arrives, so that a `views.update` sent after the acknowledgement never overtakes it.
 */
export function postToApp(sent: {
  url: string;
  headers: Record<string, string>;
  body: string;
  withinMs: number;
  signal: AbortSignal;
}): Promise<AppResponse> {
  const url = new URL(sent.url);
  const { promise, resolve } = Promise.withResolvers<AppResponse>();
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    method: 'POST',
    headers: { ...sent.headers, 'content-length': Buffer.byteLength(sent.body) },
    agent: false,
    signal: sent.signal,
  });
  const timer = setTimeout(() => {
    resolve({ kind: 'timed_out' });
    request.destroy();
  }, sent.withinMs);
  const settle = (response: AppResponse) => {
    clearTimeout(timer);
    resolve(response);
  };
  const fail = (error: Error) => settle({ kind: 'unreachable', reason: error.message });
  request.on('error', fail);
  request.on('response', (response) => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      body += chunk;
    });
    response.on('error', fail);
    response.on('end', () =>
      settle({
        kind: 'responded',
        status: response.statusCode ?? 0,
        contentType: response.headers['content-type'] ?? '',
        body,
        ...(response.headers['x-slack-no-retry'] === '1' && { noRetry: true }),
      }),
    );
  });
  request.end(sent.body);
  return promise;
}

interface RequestSignature {
  signingSecret: string;
  /** The body exactly as it is sent. */
  body: string;
  timestampSeconds: number;
}

/**
 * Returns Slack's signature headers, version `v0`.
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function signRequest({ signingSecret, body, timestampSeconds }: RequestSignature): {
  'x-slack-request-timestamp': string;
  'x-slack-signature': string;
} {
  const signature = createHmac('sha256', signingSecret)
    .update(`v0:${timestampSeconds}:${body}`)
    .digest('hex');
  return {
    'x-slack-request-timestamp': String(timestampSeconds),
    'x-slack-signature': `v0=${signature}`,
  };
}
