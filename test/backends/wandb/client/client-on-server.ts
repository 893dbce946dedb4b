import { pino } from 'pino';
import { z } from 'zod';
import {
  createWandbClient,
  type WandbClient,
  type WandbClientLimits,
} from '../../../../src/backends/wandb/client/wandb-client.ts';
import type { WandbOperation } from '../../../../src/backends/wandb/client/wandb-failure.ts';
import { Secret } from '../../../../src/domain/keys/secret.ts';
import { createOutbound } from '../../../../src/net/outbound-fetch.ts';
import { startWandbServer, type WandbServer } from './wandb-server.ts';

export const API_KEY = '0123456789abcdef0123456789abcdef01234567';

export const NOW_MS = Date.UTC(2026, 10, 24, 6, 0, 0);

export const QUERY: WandbOperation<{ answer: number }> = {
  kind: 'query',
  name: 'Ask',
  query: 'query Ask { answer }',
  data: z.object({ answer: z.number() }),
};

export const MUTATION: WandbOperation<{ answer: number }> = {
  ...QUERY,
  kind: 'mutation',
  name: 'Do',
  query: 'mutation Do { answer }',
};

export interface ClientOnServer extends AsyncDisposable {
  server: WandbServer;
  client: WandbClient;
  /** Pauses of the client in milliseconds; the test doesn't wait for them. */
  pauses: number[];
  /** Log lines of every level. */
  lines: Record<string, unknown>[];
  clock: { nowMs: number; steppedMs: number };
}

/** Starts a server and a client for it, whose clock moves only when the client pauses. */
export async function startClient(
  options: {
    path?: string;
    limits?: Partial<WandbClientLimits>;
    random?: () => number;
    fetch?: typeof globalThis.fetch;
    sleep?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<unknown>;
  } = {},
): Promise<ClientOnServer> {
  const server = await startWandbServer();
  const outbound = createOutbound({ noProxy: undefined });
  const pauses: number[] = [];
  const lines: Record<string, unknown>[] = [];
  const clock = { nowMs: NOW_MS, steppedMs: 0 };
  const sleep = async (milliseconds: number) => {
    pauses.push(milliseconds);
    clock.nowMs += milliseconds;
  };
  const client = createWandbClient({
    baseUrl: `${server.url}${options.path ?? ''}`,
    apiKey: new Secret(API_KEY),
    fetch: options.fetch ?? outbound.fetch,
    now: () => clock.nowMs + clock.steppedMs,
    monotonicMs: () => clock.nowMs,
    random: options.random ?? (() => 0.5),
    sleep: options.sleep ?? sleep,
    logger: pino({ level: 'trace', base: null }, { write: (line) => void lines.push(JSON.parse(line)) }),
    limits: options.limits ?? {},
  });
  const stop = async () => {
    await outbound.close();
    await server.stop();
  };
  return { server, client, pauses, lines, clock, [Symbol.asyncDispose]: stop };
}
