import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** @param hostname as `URL` has it: in lower case, IPv6 in brackets */
export function isLoopbackHost(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'))
  );
}

const baseUrl = (noun: string) =>
  z.string().transform((text, context) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isSecure =
      url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
    if (url === undefined && /^https?:\/\//i.test(text)) {
      context.addIssue(`${noun} isn’t a valid URL. Write it like https://keysmith.example.com.`);
      return z.NEVER;
    }
    if (url === undefined || !isSecure) {
      context.addIssue(`${noun} must be a URL that starts with https:// (or http:// for localhost).`);
      return z.NEVER;
    }
    if (url.username !== '' || url.password !== '' || /[?#]/.test(text)) {
      context.addIssue(`${noun} can’t contain a username, password, query or fragment.`);
      return z.NEVER;
    }
    return url.href.replace(/\/+$/, '');
  });

/** Without a trailing slash. */
export const publicUrl = baseUrl('PUBLIC_URL');

/** With a trailing slash, since WebClient appends method names. */
export const slackApiUrl = baseUrl('SLACK_API_URL').transform((url) => `${url}/`);

/** The URL of a W&B server that the SDK would use, without a trailing slash. It may have a path. */
const wandbServerUrl = (noun: string) =>
  baseUrl(noun).transform((url, context) => {
    const { hostname, pathname } = new URL(url);
    // The SDK refuses it too: W&B's cloud has different hosts for its page and its API.
    if (/(^|\.)wandb\.ai$/.test(hostname) && !hostname.includes('api.')) {
      context.addIssue('The API of W&B’s cloud is at https://api.wandb.ai, not at the URL of its page.');
      return z.NEVER;
    }
    if (/\/graphql$/.test(pathname)) {
      context.addIssue(`${noun} must be the URL that the SDK uses, without /graphql.`);
      return z.NEVER;
    }
    return url;
  });

export const wandbBaseUrl = wandbServerUrl('WANDB_BASE_URL');

/** Not checked like `wandbBaseUrl`: it was accepted when it was set there. */
export const wandbMovedFrom = baseUrl('KEYSMITH_WANDB_MOVED_FROM');

export const upstreamUrl = wandbServerUrl('KEYSMITH_UPSTREAM_URL');

/** Without a trailing slash. */
export const upstreamAppUrl = baseUrl('KEYSMITH_UPSTREAM_APP_URL');

/** Returns the address people open in a browser. W&B's cloud uses a different host for it than for the API. */
export function wandbPageUrl(baseUrl: string): string {
  return baseUrl.replace(/^https:\/\/api\.(?=(?:[\w-]+\.)*wandb\.ai\.?(?:[:/]|$))/, 'https://');
}

/** Returns whether both URLs lead to the same port of the same host, as far as their texts tell. Paths don't matter. */
export function isSameServer(one: string, other: string): boolean {
  return hostAndPort(new URL(one)) === hostAndPort(new URL(other));
}

/** Returns whether the URL leads to the port that a server on this machine listens on, as far as its text tells. */
export function isListeningAt(url: string, { host, port }: { host: string; port: number }): boolean {
  return hostAndPort(new URL(url)) === `${canonicalHost(host.toLowerCase())} ${port}`;
}

function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${canonicalHost(hostname)} ${port || (protocol === 'http:' ? '80' : '443')}`;
}

/** Every loopback address becomes `localhost`, and so does 0.0.0.0, which leads to the same machine. */
function canonicalHost(hostname: string): string {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '');
  if (/(^|\.)localhost$/.test(host)) return 'localhost';
  if (!ipaddr.isValid(host)) return host;
  // Converts an IPv4-mapped IPv6 address to IPv4.
  const address = ipaddr.process(host);
  return ['loopback', 'unspecified'].includes(address.range()) ? 'localhost' : address.toNormalizedString();
}

/** Returns whether a JWT issuer at this URL would be Keysmith itself, however the URL is spelled. */
export function isOwnIssuer(issuerUrl: string, ownUrl: string): boolean {
  const [issuer, own] = [issuerUrl, ownUrl].map((text) => {
    const url = new URL(text);
    // Keysmith's own URL with the other scheme isn't another issuer.
    url.protocol = 'https:';
    return `${hostAndPort(url)}${canonicalPath(url.pathname)}`;
  });
  return issuer === own;
}

function canonicalPath(pathname: string): string {
  const segments = pathname.split('/').filter((segment) => segment !== '');
  return segments.map((segment) => `/${decoded(segment)}`.toLowerCase()).join('');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
