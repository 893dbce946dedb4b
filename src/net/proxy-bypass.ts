import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { Agent, Dispatcher, EnvHttpProxyAgent } from 'undici';
import { AddressNotAllowedError } from './address-guard.ts';
import { type IpAddress, parseAddress, parseNetwork } from './ip-address.ts';

interface Host {
  name: string;
  /** Undefined for a name: names aren't resolved. */
  address: IpAddress | undefined;
  port: number;
}

type Rule = (host: Host) => boolean;

/** Where requests out of the process may go, and how. */
export interface OutboundRules {
  /** Hosts that bypass the proxy, in addition to loopback. */
  noProxy: string | undefined;
  /** Refuses every other host before its name is looked up: in the sandbox. */
  isLoopbackOnly?: boolean;
}

/** To a proxy on another machine, these names mean that machine. */
const LOOPBACK = ['localhost', '127.0.0.0/8', '::1'];

/**
 * Creates a function that returns whether a request to an origin bypasses the proxy. It reads `NO_PROXY` as Go and curl do:
 * entries are separated by commas or spaces; `*` means all hosts; a name includes its subdomains, with or without a leading `.` or
 * `*.`; an address or a network (CIDR) matches hosts that are written as addresses; an entry may end in a port. Loopback always
 * bypasses the proxy, and any other entry matches nothing.
 */
export function createProxyBypass(noProxy: string | undefined): (origin: string | URL) => boolean {
  const entries = [...LOOPBACK, ...(noProxy ?? '').split(/[\s,]+/)].filter((entry) => entry !== '');
  const rules = entries.map(parseEntry);
  return (origin) => {
    const host = hostOf(new URL(origin));
    return rules.some((matches) => matches(host));
  };
}

function hostOf({ hostname, protocol, port }: URL): Host {
  const name = withoutBrackets(hostname).replace(/\.$/, '');
  const defaultPort = protocol === 'https:' || protocol === 'wss:' ? 443 : 80;
  return { name, address: parseAddress(name), port: port === '' ? defaultPort : Number(port) };
}

function parseEntry(entry: string): Rule {
  // An IPv6 address without brackets has no port, although it may end like one.
  const isBareIpv6 = isIPv6(entry.split('/', 1)[0] ?? '');
  const [, host = entry, port] = (!isBareIpv6 && /^(.+):(\d{1,5})$/.exec(entry)) || [];
  const matches = hostRule(withoutBrackets(host));
  return (asked) => (port === undefined || Number(port) === asked.port) && matches(asked);
}

function hostRule(host: string): Rule {
  if (host === '*') return () => true;
  const contains = parseNetwork(host);
  if (contains !== undefined) return ({ address }) => address !== undefined && contains(address);
  if (/[/?#@\\]/.test(host)) return () => false;
  // As `URL` writes the host that it is compared with: in lower case, and in Punycode.
  const name = domainToASCII(host.replace(/^\*?\./, '').replace(/\.$/, ''));
  return (asked) => name !== '' && (asked.name === name || asked.name.endsWith(`.${name}`));
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[([^\]]*)\]/, '$1');
}

/**
 * Creates a dispatcher that sends requests through `HTTPS_PROXY` and `HTTP_PROXY` when set, except those that bypass it. undici's
 * own list doesn't support networks, and reads the end of an IPv6 address as a port. A request to a host that the rules don't allow
 * fails with an {@link AddressNotAllowedError}.
 */
export function createProxyDispatcher(
  options: Omit<EnvHttpProxyAgent.Options, 'noProxy'>,
  { noProxy, isLoopbackOnly = false }: OutboundRules,
): { dispatcher: Dispatcher; destroy(): Promise<void> } {
  const proxied = new EnvHttpProxyAgent({ ...options, noProxy: '' });
  const { httpProxy: _, httpsProxy: __, ...directOptions } = options;
  const direct = new Agent(directOptions);
  const bypasses = rememberLast(createProxyBypass(isLoopbackOnly ? undefined : noProxy));
  class BypassDispatcher extends Dispatcher {
    override dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      const { origin = '' } = request;
      const isDirect = bypasses(origin);
      if (isLoopbackOnly && !isDirect) {
        throw new AddressNotAllowedError(
          'the sandbox connects only to loopback addresses',
          'outside_sandbox',
        );
      }
      return isDirect
        ? direct.dispatch({ ...request, origin }, handler)
        : proxied.dispatch({ ...request, origin }, handler);
    }
  }
  return {
    dispatcher: new BypassDispatcher(),
    destroy: async () => void (await Promise.all([direct.destroy(), proxied.destroy()])),
  };
}

/** Most requests go to the same origin as the one before. */
function rememberLast(bypasses: (origin: string | URL) => boolean): typeof bypasses {
  let last: { origin: string; isBypassed: boolean } | undefined;
  return (origin) => {
    const text = origin.toString();
    if (last?.origin !== text) last = { origin: text, isBypassed: bypasses(text) };
    return last.isBypassed;
  };
}
