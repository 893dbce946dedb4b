import tls from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startConnectProxy } from '../../process/wandb/connect-proxy.ts';
import { selfSignedCertificate } from '../../sandbox/wandb/failures/self-signed-certificate.ts';
import { startWandb } from '../../sandbox/wandb/wandb-calls.ts';
import { startGatewayWorld, TEAM, teamKey } from '../../world/gateway-world.ts';

test('reaches a W&B server with a path and a private CA through HTTPS_PROXY', async () => {
  const https = selfSignedCertificate('wandb.acme.test');
  const trusted = tls.getCACertificates('default');
  // NODE_EXTRA_CA_CERTS adds to the same certificates, when Node starts.
  tls.setDefaultCACertificates([...trusted, https.cert]);
  onTestFinished(() => tls.setDefaultCACertificates(trusted));
  const wandb = await startWandb({ https, basePath: '/wandb' });
  const proxy = await startConnectProxy(Number(new URL(wandb.baseUrl).port));
  vi.stubEnv('HTTPS_PROXY', proxy.url);
  onTestFinished(() => void vi.unstubAllEnvs());
  const world = await startGatewayWorld({ upstreamUrl: 'https://wandb.acme.test/wandb' });
  onTestFinished(() => world.stop());
  const { apiKey } = wandb.team(TEAM).createServiceAccount('behind-the-proxy');
  world.credentials.byTeam.set(TEAM, teamKey(TEAM, apiKey));

  const response = await fetch(`${world.baseUrl}/graphql`, {
    method: 'POST',
    headers: { authorization: world.authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'query Viewer { viewer { entity } }' }),
  });

  expect([response.status, await response.json()]).toEqual([200, { data: { viewer: { entity: TEAM } } }]);
  expect(new Set(proxy.asked)).toEqual(new Set(['wandb.acme.test:443']));
});
