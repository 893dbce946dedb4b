import type { WandbCapabilities } from '../../backends/wandb/operations/probe-capabilities.ts';
import type { WandbServerInfo } from '../../backends/wandb/operations/read-server-info.ts';
import { type Finding, plainText } from './finding.ts';

export function versionFinding(info: WandbServerInfo): Finding {
  const subject = 'W&B server, version';
  const { version, latestVersion, isOutOfDate } = info;
  if (version === undefined) {
    return { mark: 'ok', subject, text: 'not told, as by W&B’s own cloud' };
  }
  const newer = isOutOfDate && latestVersion !== undefined ? `; ${plainText(latestVersion)} is out` : '';
  return { mark: 'ok', subject, text: `${plainText(version)}${newer}` };
}

/**
 * What can be had from this server.
 *
 * @param issuers URLs of the registered JWT issuers; undefined where this credential is not shown them
 */
export function capabilityFindings(
  capabilities: WandbCapabilities,
  issuers: readonly string[] | undefined,
): Finding[] {
  const federation = federationFinding(capabilities, issuers);
  return [
    serviceAccountsFinding(capabilities),
    keysFinding(capabilities, federation.mark === 'ok'),
    federation,
  ];
}

function serviceAccountsFinding({ createServiceAccount, deleteInvite }: WandbCapabilities): Finding {
  const subject = 'W&B, service accounts';
  const remedy = 'Use a server (and a licence) with service accounts of teams, or the built-in backend.';
  if (!createServiceAccount)
    return { mark: 'problem', subject, text: 'the server can not make them', remedy };
  if (!deleteInvite) return { mark: 'problem', subject, text: 'the server can not remove them', remedy };
  const text =
    'the server can make and remove them (whether its operator allows it for teams shows at the first)';
  return { mark: 'ok', subject, text };
}

function keysFinding({ apiKeyOnMember }: WandbCapabilities, hasFederation: boolean): Finding {
  const subject = 'W&B, API keys';
  if (apiKeyOnMember) {
    const text = 'whether the server shows the key of a new account is not known before the first is made';
    return { mark: 'ok', subject, text };
  }
  return {
    mark: hasFederation ? 'warning' : 'problem',
    subject,
    text: 'the server shows no key of a new account: Keysmith can make none with an API key here',
    remedy: 'Make those on the team’s page of the server; Keysmith links to it.',
  };
}

function federationFinding(
  { createClient, revokeClient, oauthProvidersOnOrganization }: WandbCapabilities,
  issuers: readonly string[] | undefined,
): Finding {
  const subject = 'W&B, federated identities';
  if (!createClient || !revokeClient || !oauthProvidersOnOrganization) {
    const remedy = 'Nothing, unless you want them: then update the server.';
    return { mark: 'warning', subject, text: 'the server has none', remedy };
  }
  if (issuers === undefined) {
    return { mark: 'ok', subject, text: 'the server has them; its issuers are not shown to this credential' };
  }
  if (issuers.length > 0)
    return { mark: 'ok', subject, text: `issuers: ${issuers.map(plainText).join(', ')}` };
  const remedy = 'An organization admin registers one at the server, if you want them.';
  return { mark: 'warning', subject, text: 'no JWT issuer is registered', remedy };
}
