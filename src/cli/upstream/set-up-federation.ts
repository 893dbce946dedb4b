import { federationSubject } from '../../application/gateway/federation-issuer.ts';
import { exitCode } from '../../bootstrap/exit-code.ts';
import { isLoopbackHost } from '../../config/server-urls.ts';
import { plainText } from '../doctor/finding.ts';
import type { OpenedUpstream, UpstreamDependencies } from './open-upstream.ts';

/**
 * Prints what an organization admin registers in W&B so that W&B accepts Keysmith's JWTs. Reads the settings only. Returns 1 if W&B
 * can't reach the public URL.
 */
export function printFederationSetup(
  { publicUrl = '', organizationName, gateway, backend }: OpenedUpstream['config'],
  { print, printError }: Pick<UpstreamDependencies, 'print' | 'printError'>,
): number {
  const names = backend.kind === 'builtin' ? backend.teams.teams.map(({ name }) => name) : [];
  const lines = [
    `Identity federation: the W&B server at ${gateway.upstreamUrl} accepts the JWTs that Keysmith signs.`,
    '',
    `1. W&B must be able to read ${publicUrl}/.well-known/openid-configuration`,
    '   and the keys it names. "npm run keysmith -- doctor" reads it as W&B does.',
    '2. An organization admin registers the issuer once in W&B: organization dashboard, Settings, Authentication,',
    '   Set up JWT Issuer. Copy it exactly, without a slash at its end:',
    '',
    `     ${publicUrl}`,
    '',
    `3. The organization’s name in W&B must be ${plainText(organizationName)}, in the same letter case: KEYSMITH_ORGANIZATION,`,
    '   which becomes the audience (aud) of the JWTs.',
    '4. In each team, its admin adds a service account with the authentication method Federated Identity and this subject.',
    '   Leave out teams for which you store a W&B API key: that key is used instead.',
    '',
    ...names.map((name) => `     ${plainText(name)}: ${plainText(federationSubject(name))}`),
    '',
    '5. Set KEYSMITH_UPSTREAM_AUTH=federation, restart Keysmith, and run "npm run keysmith -- upstream check".',
    '',
    'A W&B organization has one issuer. If yours already has another one, use team keys: KEYSMITH_UPSTREAM_AUTH=key and',
    '"npm run keysmith -- upstream add TEAM". Federation needs a W&B Enterprise plan.',
  ];
  for (const line of lines) print(line);
  if (gateway.auth !== 'federation') print('\nKEYSMITH_UPSTREAM_AUTH isn’t "federation" yet.');
  const problem = publicUrlProblem(publicUrl, gateway.upstreamUrl);
  if (problem === undefined) return exitCode.success;
  printError(`\nPUBLIC_URL: ${problem}`);
  return exitCode.failure;
}

/** A W&B server on this machine, for tests and development, reaches this machine. */
function publicUrlProblem(publicUrl: string, upstreamUrl: string): string | undefined {
  if (isLoopbackHost(new URL(upstreamUrl).hostname)) return undefined;
  const { protocol, hostname } = new URL(publicUrl);
  if (isLoopbackHost(hostname)) {
    return 'W&B can’t reach this machine under that address. Set PUBLIC_URL to the https:// URL at which W&B reaches Keysmith.';
  }
  return protocol === 'https:' ? undefined : 'W&B reads the keys of an issuer over https:// only.';
}
