import { Secret } from '../../../domain/keys/secret.ts';
import { exchangeOnce } from '../client/graphql-exchange.ts';
import { failureOfResponse } from '../client/response-failure.ts';
import { createTextCleaner } from '../client/server-text.ts';
import { serverAddress } from '../client/wandb-client.ts';
import type { WandbFailure } from '../client/wandb-failure.ts';

/** A server may respond to a query without a credential, or refuse it. */
const REFUSES_STRANGERS: readonly WandbFailure['reason'][] = ['unauthorized', 'forbidden', 'errors'];

/** Asks a W&B server without any credential. Returns why it can't be used as an upstream, or undefined if it can. Never throws. */
export async function upstreamFailure({
  upstreamUrl,
  fetch,
  timeoutMs,
  now,
}: {
  upstreamUrl: string;
  fetch: typeof globalThis.fetch;
  timeoutMs: number;
  now: () => number;
}): Promise<WandbFailure | undefined> {
  const url = `${serverAddress(upstreamUrl)}/graphql`;
  const exchange = await exchangeOnce({
    fetch,
    url,
    headers: { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'keysmith' },
    body: JSON.stringify({ query: 'query Reach { viewer { id } }', variables: {}, operationName: 'Reach' }),
    timeoutMs,
    maxResponseBytes: 64 * 1024,
    signal: undefined,
  });
  if (!exchange.ok) return exchange.failure;
  const { response } = exchange;
  if (response.status >= 200 && response.status < 300) {
    return isJsonObject(response.text) ? undefined : { reason: 'not_json', mayHaveHappened: false };
  }
  const cleaner = createTextCleaner(new Secret(''));
  const failure = failureOfResponse(response, { url, nowMs: now(), cleaner });
  return REFUSES_STRANGERS.includes(failure.reason) ? undefined : failure;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
