import { probeCapabilities, type WandbCapabilities } from './operations/probe-capabilities.ts';
import type { CallOptions, WandbClient } from './wandb-client.ts';
import type { WandbResult } from './wandb-failure.ts';

export type ReadCapabilities = (options?: CallOptions) => Promise<WandbResult<WandbCapabilities>>;

const VALID_FOR_MS = 10 * 60 * 1000;

/** Asks the server what it can do, and again after a while: it may have been upgraded. A failure is not kept. */
export function createCachedCapabilities(dependencies: {
  client: WandbClient;
  now: () => number;
  validForMs?: number;
}): ReadCapabilities {
  const { client, now, validForMs = VALID_FOR_MS } = dependencies;
  let known: { capabilities: WandbCapabilities; untilMs: number } | undefined;
  return async (options) => {
    if (known !== undefined && now() < known.untilMs) return { ok: true, value: known.capabilities };
    const result = await probeCapabilities(client, options);
    if (result.ok) known = { capabilities: result.value, untilMs: now() + validForMs };
    return result;
  };
}
