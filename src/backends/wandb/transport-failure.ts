import type { WandbFailure } from './wandb-failure.ts';

/** Whatever fails while a connection is made comes before the request is sent. */
const CONNECTING_CALLS = ['connect', 'getaddrinfo', 'queryA', 'queryAaaa'];
const CONNECTING_CODES =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_[A-Z]+|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PRX_TLS|EPROTO)$/;
/** Of OpenSSL and Node, for a handshake that failed. */
const TLS_CODES =
  /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA$|INVALID_PURPOSE$|HOSTNAME_MISMATCH$|ERR_TLS_|ERR_SSL_(?!.*(?:BAD_RECORD_MAC|INTERNAL_ERROR)))/;
const MAX_CAUSES = 8;

/** What an error of `fetch`, or of reading its answer, means. Its text is not kept: it may name anything. */
export function transportFailure(error: unknown): WandbFailure {
  const causes = causesOf(error);
  const proxyStatus = causes.map(refusedByProxy).find((status) => status !== undefined);
  if (proxyStatus !== undefined) return unreachable(`PROXY_${proxyStatus}`);
  const cause = causes.find((one) => codeOf(one) !== undefined);
  const code = codeOf(cause) ?? 'UNKNOWN';
  // An answer whose compression is broken: the server did answer.
  if (/^Z_|^ERR_BROTLI|^ERR_ZSTD/.test(code)) return { reason: 'not_json', mayHaveHappened: true };
  if (isConnecting(cause, code)) return unreachable(code);
  return { reason: 'connection_lost', code, mayHaveHappened: true };
}

function unreachable(code: string): WandbFailure {
  return { reason: 'unreachable', code, mayHaveHappened: false };
}

/** The error, what caused it, and the parts of an `AggregateError` (one for each address that was tried). */
function causesOf(error: unknown): object[] {
  const found: object[] = [];
  const open: unknown[] = [error];
  while (open.length > 0 && found.length < MAX_CAUSES) {
    const one = open.shift();
    if (typeof one !== 'object' || one === null || found.includes(one)) continue;
    found.push(one);
    if (one instanceof AggregateError) open.push(...one.errors);
    if ('cause' in one) open.push(one.cause);
  }
  return found;
}

function codeOf(error: object | undefined): string | undefined {
  if (error === undefined || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^[A-Z][A-Z0-9_]{1,63}$/.test(error.code) ? error.code : undefined;
}

function isConnecting(error: object | undefined, code: string): boolean {
  if (CONNECTING_CODES.test(code) || TLS_CODES.test(code)) return true;
  const parts = error instanceof AggregateError ? error.errors : [error];
  return parts.length > 0 && parts.every((part) => CONNECTING_CALLS.includes(part?.syscall));
}

/** undici names the status of a proxy that refuses to connect in its message only. */
function refusedByProxy(error: object): string | undefined {
  if (codeOf(error) !== 'UND_ERR_ABORTED' || !('message' in error)) return undefined;
  return /^Proxy response \((\d{3})\)/.exec(String(error.message))?.[1];
}
