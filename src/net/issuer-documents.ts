import type { LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import ipaddr from 'ipaddr.js';
import { EnvHttpProxyAgent, request } from 'undici';
import {
  AddressNotAllowedError,
  type AddressRules,
  guardedLookup,
  isAllowedAddress,
} from './address-guard.ts';
import { noProxyList } from './outbound-fetch.ts';

/** Whose document is read: what its server may be. */
export interface DocumentOwner {
  /** It may stand at a private address. */
  isPrivateNetwork: boolean;
  /** PEM certificates that it is trusted by, beside the system's own. */
  ca: string | undefined;
}

export interface DocumentUnavailable {
  ok: false;
  reason: 'not_allowed' | 'not_found' | 'unreachable' | 'unusable';
  cause: string;
}

type ReadResult = { ok: true; document: unknown } | DocumentUnavailable;

export interface IssuerDocumentsOptions {
  /** http, private and loopback addresses: for development. */
  allowInsecure: boolean;
  /** Hosts beside loopback that are not asked through `HTTPS_PROXY`. */
  noProxy: string | undefined;
  /** From asking to the last byte of the answer. */
  timeoutMs?: number;
  /** How host names are resolved. */
  lookup?: LookupFunction;
}

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1024 * 1024;

/**
 * Reads documents of issuers over connections of their own. Through `HTTPS_PROXY` where that is set, private issuers
 * included unless `NO_PROXY` names them: then the proxy resolves the host, and decides what its address may be; here only
 * those are refused that are written as an address or `localhost`.
 */
export function createIssuerDocuments(options: IssuerDocumentsOptions) {
  return {
    /**
     * Never throws.
     *
     * @param deadline of several documents together
     */
    async read(url: string, owner: DocumentOwner, deadline?: AbortSignal): Promise<ReadResult> {
      const rules = {
        allowsPrivate: options.allowInsecure || owner.isPrivateNetwork,
        allowsLoopback: options.allowInsecure,
      };
      const refusal = refusalOf(url, rules, options.allowInsecure);
      if (refusal !== undefined) return unavailable('not_allowed', refusal);
      let dispatcher: EnvHttpProxyAgent | undefined;
      try {
        dispatcher = openDispatcher(owner, rules, options);
        const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
        const signal = deadline === undefined ? timeout : AbortSignal.any([timeout, deadline]);
        return await readJson(url, dispatcher, signal);
      } catch (error) {
        return failureOf(error);
      } finally {
        await dispatcher?.destroy().catch(() => undefined);
      }
    },
  };
}

function openDispatcher({ ca }: DocumentOwner, rules: AddressRules, options: IssuerDocumentsOptions) {
  // `ca` replaces the system's own: they are given as well.
  const tls = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] };
  const timeout = options.timeoutMs ?? TIMEOUT_MS;
  return new EnvHttpProxyAgent({
    noProxy: noProxyList(options.noProxy),
    // Else undici takes HTTP_PROXY for https as well where HTTPS_PROXY is not set.
    httpProxy: '',
    connect: { ...tls, timeout, lookup: guardedLookup(rules, options.lookup) },
    requestTls: { ...tls, timeout },
  });
}

/** What is wrong with an address as it is written. `URL` has normalized odd notations (`0x7f.1`) before. */
function refusalOf(text: string, rules: AddressRules, allowsHttp: boolean): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'it is no URL';
  if (url.protocol !== 'https:' && !(allowsHttp && url.protocol === 'http:')) return 'it is not https';
  if (url.username !== '' || url.password !== '') return 'it holds credentials';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (ipaddr.isValid(host)) return isAllowedAddress(host, rules) ? undefined : 'its address is not allowed';
  const isLocal = /(?:^|\.)localhost\.?$/.test(host);
  return isLocal && !rules.allowsLoopback ? 'its address is not allowed' : undefined;
}

async function readJson(
  url: string,
  dispatcher: EnvHttpProxyAgent,
  signal: AbortSignal,
): Promise<ReadResult> {
  // `request` follows no redirects, and does not decompress.
  const { statusCode, body } = await request(url, {
    dispatcher,
    signal,
    headers: { accept: 'application/json', 'user-agent': 'Keysmith' },
  });
  // What is not read to its end fails when the connection is closed; nobody waits for that.
  body.on('error', () => {});
  if (statusCode !== 200) {
    body.destroy();
    return refusedStatus(statusCode);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) return unavailable('unusable', 'the answer is larger than 1 MiB');
    chunks.push(chunk);
  }
  const document = parsed(Buffer.concat(chunks));
  return typeof document === 'object' && document !== null && !Array.isArray(document)
    ? { ok: true, document }
    : unavailable('unusable', 'the answer is no JSON object');
}

function refusedStatus(status: number): DocumentUnavailable {
  if (status === 404 || status === 410) return unavailable('not_found', `it answered ${status}`);
  if (status >= 300 && status < 400) return unavailable('not_allowed', `it redirects (${status})`);
  return unavailable('unreachable', `it answered ${status}`);
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function failureOf(error: unknown): DocumentUnavailable {
  if (error instanceof AddressNotAllowedError) return unavailable('not_allowed', error.message);
  if (error instanceof Error && error.name === 'TimeoutError') {
    return unavailable('unreachable', 'it did not answer in time');
  }
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return unavailable('unreachable', code ?? message ?? 'an unknown failure');
}

function unavailable(reason: DocumentUnavailable['reason'], cause: string): DocumentUnavailable {
  return { ok: false, reason, cause };
}
