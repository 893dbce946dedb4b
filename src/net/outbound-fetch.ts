import { type Dispatcher, fetch as undiciFetch } from 'undici';
import { createProxyDispatcher, type OutboundRules } from './proxy-bypass.ts';

/** Sends requests out of the process: through `HTTPS_PROXY` when set (except to loopback and `NO_PROXY`), without following redirects. */
export interface Outbound {
  fetch: typeof globalThis.fetch;
  /** For connections that don't go through `fetch`, such as WebSockets. */
  dispatcher: Dispatcher;
  close(): Promise<void>;
}

export function createOutbound(rules: OutboundRules): Outbound {
  const { dispatcher, destroy } = createProxyDispatcher({ connect: { timeout: 5_000 } }, rules);
  const outboundFetch = (input: unknown, init: object | undefined) =>
    // undici's types and the global ones describe the same standard but aren't assignable to each other.
    undiciFetch(input as never, { redirect: 'manual', ...init, dispatcher } as never);
  return {
    fetch: outboundFetch as unknown as typeof globalThis.fetch,
    dispatcher,
    close: destroy,
  };
}
