import { expect, test } from 'vitest';
import { printFederationSetup } from '../../../src/cli/upstream/set-up-federation.ts';
import type { LiveConfig } from '../../../src/config/configuration.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { liveEnv, settingsFolder } from '../../config/settings-folder.ts';

const TEAMS = `organization: { name: acme }
teams: [{ name: ml-platform, members: [] }, { name: Vision Lab, members: [] }]
`;

function setUp(upstreamUrl: string, publicUrl: string, auth: 'key' | 'federation' = 'federation') {
  const loaded = loadConfig({ env: liveEnv, cwd: settingsFolder({ 'teams.yml': TEAMS }) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const gateway = { upstreamUrl, auth, appUrl: upstreamUrl, mutations: [] };
  const printed: string[] = [];
  const errors: string[] = [];
  const code = printFederationSetup(
    { ...(loaded.config as LiveConfig), publicUrl, gateway },
    { print: (line) => void printed.push(line), printError: (line) => void errors.push(line) },
  );
  return { code, text: printed.join('\n'), errors: errors.join('\n') };
}

test('upstream setup prints the issuer, the organization and the subject of each team', () => {
  const { code, text, errors } = setUp('https://wandb.acme.test', 'https://keysmith.acme.test/ml');

  expect([code, errors]).toEqual([0, '']);
  expect(text).toContain('\n     https://keysmith.acme.test/ml\n');
  expect(text).toContain('\n     ml-platform: keysmith:ml-platform\n     Vision Lab: keysmith:Vision Lab\n');
  expect(text).toMatch(/name in W&B must be acme,.*KEYSMITH_ORGANIZATION/);
  expect(text).toContain(
    'W&B must be able to read https://keysmith.acme.test/ml/.well-known/openid-configuration',
  );
  expect(text).toContain(
    'A W&B organization has one issuer. If yours already has another one, use team keys',
  );
  expect(text).toContain('KEYSMITH_UPSTREAM_AUTH=key and\n"npm run keysmith -- upstream add TEAM"');
  expect(text).not.toContain('yet.');
  expect(setUp('https://wandb.acme.test', 'https://keysmith.acme.test', 'key').text).toContain(
    'isn’t "federation" yet',
  );
});

test('upstream setup fails if W&B can’t reach the public URL', () => {
  const { code, errors } = setUp('https://wandb.acme.test', 'http://localhost:3000');

  expect(code).toBe(1);
  expect(errors).toContain('Set PUBLIC_URL to the https:// URL');
  expect(setUp('http://127.0.0.1:8080', 'http://localhost:3000').code).toBe(0);
});
