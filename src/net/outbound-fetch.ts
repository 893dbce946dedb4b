import { type Dispatcher, EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';

const LOOPBACK = ['localhost', '127.0.0.1', '::1', '[::1]'];

/**
 * Hosts that are called directly although `HTTPS_PROXY` is set, as undici takes them: loopback, and those of `NO_PROXY`.
 * undici knows `*`, for all hosts, only where it stands alone.
 */
export function noProxyList(noProxy: string | undefined): string {
  const entries = (noProxy ?? '').split(/[\s,]+/).filter(Boolean);
  return entries.includes('*') ? '*' : [...LOOPBACK, ...entries].join(',');
}

/** `fetch` for everything that leaves the process: through `HTTPS_PROXY` where set (not to loopback), no redirects. */
export interface Outbound {
  fetch: typeof globalThis.fetch;
  /** The same for what is no `fetch`: web sockets. */
  dispatcher: Dispatcher;
  close(): Promise<void>;
}

export function createOutbound(environment: { noProxy: string | undefined }): Outbound {
  const dispatcher = new EnvHttpProxyAgent({
    noProxy: noProxyList(environment.noProxy),
    connect: { timeout: 5_000 },
  });
  const outboundFetch = (input: unknown, init: object | undefined) =>
    // The package's own types for the same standard differ in name only.
    undiciFetch(input as never, { redirect: 'manual', ...init, dispatcher } as never);
  return {
    fetch: outboundFetch as unknown as typeof globalThis.fetch,
    dispatcher,
    close: () => dispatcher.destroy(),
  };
}

/** Reads an answer up to a bound; the rest is dropped, and the connection with it. */
export async function readBounded(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) break;
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}
