import type { Issuer } from '../../domain/federation/issuer.ts';

/** Why an issuer's document couldn't be read. `cause` is for the log. */
export interface DocumentUnavailable {
  ok: false;
  /**
   * `not_allowed`: a forbidden address (private network, not https, a redirect). `outside_sandbox`: the sandbox connects only to this
   * machine. `not_found`: 404 or 410.
   * `unreachable`: a timeout, a TLS error or a 5xx. `unusable`: too large or not JSON.
   */
  reason: 'not_allowed' | 'outside_sandbox' | 'not_found' | 'unreachable' | 'unusable';
  cause: string;
}

/** Reads an issuer's JSON documents: only https, public addresses, no redirects, at most 5 s and 1 MiB. Never throws. */
export interface IssuerDocuments {
  /** @param signal aborts the read earlier */
  read(
    url: string,
    issuer: Issuer,
    signal?: AbortSignal,
  ): Promise<{ ok: true; document: unknown } | DocumentUnavailable>;
}
