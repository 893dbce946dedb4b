import { expect, it } from 'vitest';
import { findingText } from '../../src/cli/doctor/finding.ts';
import { checkIssuers } from '../../src/cli/doctor/issuers-check.ts';
import { settingsWarningFindings } from '../../src/cli/doctor/settings-check.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { liveEnv, settingsFolder, teamsText } from '../config/settings-folder.ts';
import { JWKS, sharedSigningPair, startIssuer } from '../world/issuer-server.ts';

async function report(issuers: string): Promise<string[]> {
  const cwd = settingsFolder({ 'teams.yml': `${teamsText}issuers:\n${issuers}` });
  const loaded = loadConfig({ env: { ...liveEnv, KEYSMITH_ALLOW_INSECURE_ISSUERS: 'true' }, cwd });
  if (!loaded.ok || loaded.config.backend.kind !== 'builtin') throw new Error(JSON.stringify(loaded));
  const { backend } = loaded.config;
  const findings = await checkIssuers(backend, loaded.config, { timeoutMs: 5_000 });
  return [...settingsWarningFindings(loaded.warnings), ...findings].map(findingText);
}

it('The doctor fetches the keys of an issuer at its jwks_url, and names those that can’t be used', async () => {
  const server = await startIssuer();
  const { publicJwk } = await sharedSigningPair('ES256');
  server.publish(publicJwk, { ...publicJwk, kid: 'enc-1', use: 'enc' });

  expect(
    await report(
      `  - { url: https://idp.test, jwks_url: "${server.url}${JWKS}" }\n  - { url: https://down.test, jwks_url: "${server.url}/none" }\n`,
    ),
  ).toEqual([
    '✓ JWT issuer https://idp.test: 1 key for verifying JWTs, 1 ignored (enc-1: not_for_signatures)',
    expect.stringMatching(/^! JWT issuer https:\/\/down\.test: .*not_found.*Check its jwks_url/s),
  ]);
  expect(server.requestedPaths.sort()).toEqual([JWKS, '/none']);
});

it('The doctor warns of unusable keys in the teams file', async () => {
  const { publicJwk } = await sharedSigningPair('ES256');
  const jwks = JSON.stringify({ keys: [publicJwk, { kty: 'XX', kid: 'odd-1' }] });

  expect(await report(`  - { url: https://idp.test, jwks: ${jwks} }\n`)).toEqual([
    expect.stringMatching(
      /^! KEYSMITH_TEAMS_FILE: Line \d+, column \d+: issuers\[0\]\.jwks\.keys\[1\]: The key "odd-1" is ignored\./,
    ),
    '✓ JWT issuer https://idp.test: 1 key from the teams file',
  ]);
});
