import { request } from 'node:http';
import { onTestFinished } from 'vitest';
import type { DrivenSlack } from '../../../driver/driven-slack.ts';

interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

interface JsonResponse {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  json: Record<string, unknown>;
}

/** Sends a request like the page's. Uses node:http because fetch sets `Host` and `Origin` itself. */
export function ask(
  slack: DrivenSlack,
  path: string,
  { method = 'GET', headers = {}, body }: RequestOptions = {},
): Promise<JsonResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<JsonResponse>();
  const sent = request(slack.url + path, { method, headers }, async (response) => {
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: JSON.parse(text) });
  });
  sent.on('error', reject);
  sent.end(typeof body === 'string' ? body : JSON.stringify(body));
  return promise;
}

export const jsonType = { 'content-type': 'application/json' };

export function post(
  slack: DrivenSlack,
  path: string,
  body: unknown,
  headers: Record<string, string> = jsonType,
): Promise<JsonResponse> {
  return ask(slack, path, { method: 'POST', headers, body });
}

/** Opens a stream of server-sent events. */
export async function listen<Event>(slack: DrivenSlack, path: string) {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await fetch(slack.url + path, { signal: abort.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const seen: Event[] = [];
  let buffered = '';
  const next = async (): Promise<Event> => {
    for (;;) {
      const found = /^data: (.*)\n\n/m.exec(buffered);
      if (found?.[1]) {
        buffered = buffered.slice(found.index + found[0].length);
        const event: Event = JSON.parse(found[1]);
        seen.push(event);
        return event;
      }
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) throw new Error('The stream ended');
      buffered += value;
    }
  };
  return {
    contentType: response.headers.get('content-type'),
    /** The events read so far. */
    seen,
    next,
    /** Reads up to the first event that matches. */
    async until<Wanted extends Event>(matches: (event: Event) => event is Wanted): Promise<Wanted> {
      for (;;) {
        const event = await next();
        if (matches(event)) return event;
      }
    },
  };
}
