import type { LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import ipaddr from 'ipaddr.js';
import { type Dispatcher, fetch } from 'undici';
import {
  AddressNotAllowedError,
  type AddressRules,
  guardedLookup,
  isAllowedAddress,
} from './address-guard.ts';
import { readBytesWithin } from './bounded-body.ts';
import { withDeadline } from './deadline.ts';
import { parseBoundedJson } from './json-bounds.ts';
import { createProxyDispatcher, type OutboundRules } from './proxy-bypass.ts';

/** The issuer whose document is read, as far as it decides which servers are allowed. */
export interface DocumentOwner {
  /** Allows a server at a private address. */
  isPrivateNetwork: boolean;
  /** PEM certificates that are trusted in addition to the system's. */
  ca: string | undefined;
}

export interface DocumentUnavailable {
  ok: false;
  reason: 'not_allowed' | 'outside_sandbox' | 'not_found' | 'unreachable' | 'unusable';
  /** For the log. */
  cause: string;
}

type ReadResult = { ok: true; document: unknown } | DocumentUnavailable;

export interface IssuerDocumentsOptions extends OutboundRules {
  /** Allows http, private addresses and loopback; for development. */
  allowInsecure: boolean;
  /** From resolving the host to the last byte of the response. */
  timeoutMs?: number;
  lookup?: LookupFunction;
}

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1024 * 1024;

/**
 * Creates a reader of issuers' JSON documents that opens a connection of its own for each. With `HTTPS_PROXY` set, the proxy
 * resolves the host and decides which addresses are allowed, for private issuers too (unless `NO_PROXY` lists them); only
 * literal addresses and `localhost` are still checked here.
 */
export function createIssuerDocuments(options: IssuerDocumentsOptions) {
  return {
    /**
     * Reads a JSON object. Never throws.
     *
     * @param deadline signal of a deadline over several documents
     */
    async read(url: string, owner: DocumentOwner, deadline?: AbortSignal): Promise<ReadResult> {
      const rules = {
        allowsPrivate: options.allowInsecure || owner.isPrivateNetwork,
        allowsLoopback: options.allowInsecure,
      };
      const problem = urlProblem(url, rules, options.allowInsecure);
      if (problem !== undefined) return unavailable('not_allowed', problem);
      const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
      let destroy: (() => Promise<void>) | undefined;
      try {
        const opened = openDispatcher(owner, rules, { ...options, timeoutMs });
        destroy = opened.destroy;
        return await withDeadline({ timeoutMs, signal: deadline }, (signal) =>
          readJson(url, opened.dispatcher, signal),
        );
      } catch (error) {
        return failureOf(error);
      } finally {
        await destroy?.().catch(() => undefined);
      }
    },
  };
}

function openDispatcher(
  { ca }: DocumentOwner,
  rules: AddressRules,
  { lookup, timeoutMs: timeout, ...outbound }: IssuerDocumentsOptions & { timeoutMs: number },
) {
  // `ca` replaces the system's certificates, so they are passed along.
  const tls = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] };
  const connect = { ...tls, timeout, lookup: guardedLookup(rules, lookup) };
  // Without `httpProxy`, undici falls back to HTTP_PROXY for https URLs when HTTPS_PROXY isn't set.
  return createProxyDispatcher({ httpProxy: '', connect, requestTls: { ...tls, timeout } }, outbound);
}

/** Returns why a URL isn't allowed as written. `URL` has already normalized unusual notations such as `0x7f.1`. */
function urlProblem(text: string, rules: AddressRules, allowsHttp: boolean): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'invalid URL';
  if (url.protocol !== 'https:' && !(allowsHttp && url.protocol === 'http:')) return 'not an https URL';
  if (url.username !== '' || url.password !== '') return 'URL with credentials';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (ipaddr.isValid(host)) return isAllowedAddress(host, rules) ? undefined : 'address not allowed';
  const isLocal = /(?:^|\.)localhost\.?$/.test(host);
  return isLocal && !rules.allowsLoopback ? 'address not allowed' : undefined;
}

/** kube-apiserver serves its key set as `application/jwk-set+json` only, and returns 406 to `application/json`. */
const ACCEPT = 'application/jwk-set+json, application/json;q=0.9, */*;q=0.1';

/** Ignores the response's content type: storage services and CDNs serve keys as text or as bytes. */
async function readJson(url: string, dispatcher: Dispatcher, signal: AbortSignal): Promise<ReadResult> {
  const response = await fetch(url, {
    dispatcher,
    signal,
    redirect: 'manual',
    headers: { accept: ACCEPT, 'accept-encoding': 'gzip, deflate, br', 'user-agent': 'Keysmith' },
  });
  const { status, body } = response;
  if (status !== 200) {
    body?.cancel().catch(() => undefined);
    return statusFailure(status);
  }
  // `fetch` decompresses, so the limit holds for the decompressed bytes.
  const bytes = body === null ? Buffer.alloc(0) : await readBytesWithin(body, MAX_BYTES);
  if (bytes === undefined) return unavailable('unusable', 'response larger than 1 MiB');
  const document = parsed(bytes);
  return typeof document === 'object' && document !== null && !Array.isArray(document)
    ? { ok: true, document }
    : unavailable('unusable', 'response is not a JSON object');
}

function statusFailure(status: number): DocumentUnavailable {
  if (status === 404 || status === 410) return unavailable('not_found', `HTTP ${status}`);
  if (status >= 300 && status < 400) return unavailable('not_allowed', `redirect (HTTP ${status})`);
  return unavailable('unreachable', `HTTP ${status}`);
}

function parsed(bytes: Buffer): unknown {
  try {
    const result = parseBoundedJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return result.ok ? result.value : undefined;
  } catch {
    return undefined;
  }
}

/** Unwraps the cause, which `fetch` puts into an error of its own. */
function failureOf(error: unknown): DocumentUnavailable {
  const origin = error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  if (origin instanceof AddressNotAllowedError) return unavailable(origin.reason, origin.message);
  if (origin instanceof Error && origin.name === 'TimeoutError') {
    return unavailable('unreachable', 'no response in time');
  }
  const { code, message } = origin instanceof Error ? (origin as NodeJS.ErrnoException) : {};
  return unavailable('unreachable', code ?? message ?? 'unknown failure');
}

function unavailable(reason: DocumentUnavailable['reason'], cause: string): DocumentUnavailable {
  return { ok: false, reason, cause };
}
