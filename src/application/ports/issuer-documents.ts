import type { Issuer } from '../../domain/federation/issuer.ts';

/** Why a document of an issuer could not be had now. The code is for the log. */
interface DocumentUnavailable {
  ok: false;
  /**
   * `not_allowed`: the address may not be asked (private network, no https, a redirect); `not_found`: 404 or 410;
   * `unreachable`: no answer in time, TLS, a 5xx; `unusable`: too large, no JSON.
   */
  reason: 'not_allowed' | 'not_found' | 'unreachable' | 'unusable';
  cause: string;
}

/** Reads JSON documents of issuers, guarded: https, public addresses, no redirects, 5 s, 1 MiB. Never throws. */
export interface IssuerDocuments {
  /** @param signal ends it earlier */
  read(
    url: string,
    issuer: Issuer,
    signal?: AbortSignal,
  ): Promise<{ ok: true; document: unknown } | DocumentUnavailable>;
}
