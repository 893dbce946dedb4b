const LOOPBACK = ['localhost', '127.0.0.1', '::1', '[::1]'];

/**
 * Hosts that are called directly although `HTTPS_PROXY` is set, as undici takes them: loopback, and those of `NO_PROXY`.
 * undici knows `*`, for all hosts, only where it stands alone.
 */
export function noProxyList(noProxy: string | undefined): string {
  const entries = (noProxy ?? '').split(/[\s,]+/).filter(Boolean);
  return entries.includes('*') ? '*' : [...LOOPBACK, ...entries].join(',');
}
