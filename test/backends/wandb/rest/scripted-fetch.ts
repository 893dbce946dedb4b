import { pino } from 'pino';
import type { RestClientDependencies } from '../../../../src/backends/wandb/rest/rest-client.ts';
import { Secret } from '../../../../src/domain/keys/secret.ts';

export const API_KEY = 'wandb_v1_Xy9AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_aBcDeFgHiJkLm';
const BASE_URL = 'https://wandb.acme.test/ml';

interface SentRequest {
  method: string;
  /** From the base URL, decoded. */
  path: string;
  /** With the decoded credential of Basic: `Basic :key`. */
  authorization: string;
  headers: Headers;
  body: unknown;
}

export type Reply = (request: SentRequest) => Response | Promise<Response>;

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return () => Response.json(body, { status, headers });
}

export const scimError = (status: number, detail: string): Reply =>
  json({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], detail, status: String(status) }, status);

export const webPage: Reply = () =>
  new Response('<!doctype html><title>W&B</title>', { headers: { 'content-type': 'text/html' } });

export const hangs: Reply = () => new Promise(() => {});

export interface ScriptedFetch {
  dependencies: RestClientDependencies;
  requests: SentRequest[];
  pauses: number[];
  /** Log lines of every level. */
  lines: Record<string, unknown>[];
  clock: { nowMs: number };
  /** Replies one after the other, the last one to every further request. */
  replyWith(...replies: Reply[]): void;
}

/** Returns the dependencies of a client whose requests get scripted replies. The clock moves only with its pauses. */
export function scriptedFetch(...first: Reply[]): ScriptedFetch {
  let script = first;
  const requests: SentRequest[] = [];
  const pauses: number[] = [];
  const lines: Record<string, unknown>[] = [];
  const clock = { nowMs: Date.UTC(2026, 10, 24, 6, 0, 0) };
  const fetch = async (url: string, { method, headers, body, redirect }: RequestInit) => {
    if (redirect !== 'manual') throw new Error('The client must not follow redirects.');
    const sent = new Headers(headers);
    const [scheme = '', value = ''] = (sent.get('authorization') ?? '').split(' ');
    const request = {
      method: method ?? 'GET',
      path: decodeURIComponent(url.replace(BASE_URL, '')),
      authorization: `${scheme} ${scheme === 'Basic' ? Buffer.from(value, 'base64').toString() : value}`,
      headers: sent,
      body: body === undefined ? undefined : JSON.parse(String(body)),
    };
    requests.push(request);
    const next = script.length > 1 ? script.shift() : script[0];
    if (next === undefined) throw new Error('No reply is scripted.');
    return next(request);
  };
  return {
    requests,
    pauses,
    lines,
    clock,
    replyWith: (...replies) => {
      script = replies;
    },
    dependencies: {
      baseUrl: `${BASE_URL}/`,
      apiKey: new Secret(API_KEY),
      fetch: fetch as typeof globalThis.fetch,
      now: () => clock.nowMs,
      monotonicMs: () => clock.nowMs,
      random: () => 0.5,
      sleep: async (milliseconds) => {
        pauses.push(milliseconds);
        clock.nowMs += milliseconds;
      },
      logger: pino({ level: 'trace', base: null }, { write: (line) => void lines.push(JSON.parse(line)) }),
    },
  };
}
