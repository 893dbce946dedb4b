import { type Dispatcher, EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';

const LOOPBACK = ['localhost', '127.0.0.1', '::1', '[::1]'];

/**
 * Returns the hosts that bypass `HTTPS_PROXY`, in undici's format: loopback and the hosts in `NO_PROXY`. undici recognizes
 * `*` (all hosts) only when it is the whole list.
 */
export function noProxyList(noProxy: string | undefined): string {
  const entries = (noProxy ?? '').split(/[\s,]+/).filter(Boolean);
  return entries.includes('*') ? '*' : [...LOOPBACK, ...entries].join(',');
}

/** The way out of the process: through `HTTPS_PROXY` when set (except to loopback), without following redirects. */
export interface Outbound {
  fetch: typeof globalThis.fetch;
  /** For connections that don't go through `fetch`, such as WebSockets. */
  dispatcher: Dispatcher;
  close(): Promise<void>;
}

export function createOutbound(environment: { noProxy: string | undefined }): Outbound {
  const dispatcher = new EnvHttpProxyAgent({
    noProxy: noProxyList(environment.noProxy),
    connect: { timeout: 5_000 },
  });
  const outboundFetch = (input: unknown, init: object | undefined) =>
    // undici's types and the global ones describe the same standard but aren't assignable to each other.
    undiciFetch(input as never, { redirect: 'manual', ...init, dispatcher } as never);
  return {
    fetch: outboundFetch as unknown as typeof globalThis.fetch,
    dispatcher,
    close: () => dispatcher.destroy(),
  };
}
