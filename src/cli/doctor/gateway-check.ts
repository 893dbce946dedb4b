import type { Config, GatewayConfig } from '../../config/configuration.ts';
import { isLoopbackHost } from '../../config/server-urls.ts';
import { readTextWithin } from '../../net/bounded-body.ts';
import { withDeadline } from '../../net/deadline.ts';
import { type Finding, failureText } from './finding.ts';

/** Returns what the settings of the gateway mean. Empty without one. */
export function gatewaySettingsFindings(config: Config): Finding[] {
  if (config.kind !== 'live' || config.gateway === undefined) return [];
  const { gateway, publicUrl = '' } = config;
  return [
    summaryFinding(gateway),
    ...rewrittenHostFindings(publicUrl),
    ...issuerFindings(gateway, publicUrl),
  ];
}

function summaryFinding({ upstreamUrl, auth, mutations }: GatewayConfig): Finding {
  const credentials =
    auth === 'federation'
      ? 'teams without a stored W&B API key use identity federation'
      : 'each team needs a stored W&B API key';
  const more = mutations.length === 0 ? '' : `; more allowed mutations: ${mutations.length}`;
  const text = `workloads are forwarded to ${new URL(upstreamUrl).host}; ${credentials}${more}`;
  return { mark: 'ok', subject: 'Gateway', text };
}

/** The SDK builds links from its base URL and replaces `api.` at the start of the host with `app.`. */
function rewrittenHostFindings(publicUrl: string): Finding[] {
  if (!new URL(publicUrl).hostname.startsWith('api.')) return [];
  const text = 'its host begins with "api.", which the W&B SDK replaces with "app." in the links to runs';
  return [{ mark: 'warning', subject: 'PUBLIC_URL', text, remedy: 'Use another host name for Keysmith.' }];
}

/** W&B fetches the public keys of Keysmith before it accepts a JWT. */
function issuerFindings({ auth, upstreamUrl }: GatewayConfig, publicUrl: string): Finding[] {
  const isLocal = (url: string) => isLoopbackHost(new URL(url).hostname);
  if (auth !== 'federation' || !isLocal(publicUrl) || isLocal(upstreamUrl)) return [];
  return [
    {
      mark: 'problem',
      subject: 'PUBLIC_URL',
      text: 'with KEYSMITH_UPSTREAM_AUTH=federation, the W&B server must be able to reach this URL, which is only valid on this machine',
      remedy:
        'Set PUBLIC_URL to an https:// URL that the W&B server can reach, or use KEYSMITH_UPSTREAM_AUTH=key.',
    },
  ];
}

const MAX_DISCOVERY_BYTES = 64 * 1024;

/** Checks, for identity federation, that Keysmith's discovery document has the issuer that W&B expects. Returns only warnings. */
export async function checkOwnDiscovery(
  publicUrl: string,
  options: { fetch: typeof fetch; timeoutMs: number },
): Promise<Finding[]> {
  const subject = 'PUBLIC_URL, discovery document';
  const remedy =
    'W&B fetches it to verify Keysmith’s JWTs. If Keysmith is running, check that its proxy forwards /.well-known/ to it.';
  try {
    const issuer = await withDeadline(options, async (signal) => {
      const url = `${publicUrl}/.well-known/openid-configuration`;
      const response = await options.fetch(url, { redirect: 'manual', signal });
      const text = response.ok ? await readTextWithin(response, MAX_DISCOVERY_BYTES) : undefined;
      return text === undefined ? undefined : issuerOf(text);
    });
    if (issuer === publicUrl) return [{ mark: 'ok', subject, text: 'names PUBLIC_URL as the issuer' }];
    return [{ mark: 'warning', subject, text: 'doesn’t name PUBLIC_URL as the issuer', remedy }];
  } catch (error) {
    return [{ mark: 'warning', subject, text: failureText(error), remedy }];
  }
}

function issuerOf(text: string): unknown {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === 'object' && document !== null && 'issuer' in document
      ? document.issuer
      : undefined;
  } catch {
    return undefined;
  }
}
