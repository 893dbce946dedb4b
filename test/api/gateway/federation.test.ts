import { afterAll, beforeAll, expect, test } from 'vitest';
import { visibleText } from '../../driver/visible-text.ts';
import { type GatewayWorld, startGatewayWorld, TEAM } from '../../world/gateway-world.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld({ auth: 'federation' });
  world.upstream.federation.registerIssuer(world.baseUrl);
  world.upstream.federation.addAccount({ team: TEAM, name: 'keysmith', subject: `keysmith:${TEAM}` });
});
afterAll(() => world.stop());

const viewer = () =>
  fetch(`${world.baseUrl}/graphql`, {
    method: 'POST',
    headers: { authorization: world.authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ viewer { username } }' }),
  });
const exchanges = () => world.upstream.routeRequests.filter(({ path }) => path === '/oidc/token');

test('a Keysmith key reaches W&B as the external service account of its team, with one exchange', async () => {
  const responses = await Promise.all([viewer(), viewer()]);

  expect(responses.map(({ status }) => status)).toEqual([200, 200]);
  const [client] = world.upstream.state.clients;
  expect(await responses[0]?.json()).toEqual({ data: { viewer: { username: client?.user.username } } });
  expect(exchanges()).toMatchObject([{ status: 200, caller: client?.user.username }]);
  const metrics = await (await fetch(`${world.baseUrl}/metrics`)).text();
  expect(metrics).toContain('keysmith_upstream_exchanges_total{outcome="ok"} 1');
  const token = world.upstream.state.accessTokens[0]?.secret ?? '';
  expect(JSON.stringify([metrics, world.workspace.logs()])).not.toContain(token);
});

test('the message of a key doesn’t say that runs can’t be logged, although its team has no stored key', () => {
  const [message] = world.workspace.slack.as('Ada').messages('random');
  expect(message && visibleText(message)).toContain('WANDB_BASE_URL=');
  expect(message && visibleText(message)).not.toContain('can’t be logged');
});

test('an access token that W&B ended is replaced by one exchange, and a removed account means 503', async () => {
  const before = exchanges().length;
  world.upstream.state.accessTokens.length = 0;
  expect((await viewer()).status).toBe(200);
  expect(exchanges()).toHaveLength(before + 1);

  world.upstream.federation.registerIssuer('http://127.0.0.1:1');
  const refused = await viewer();
  expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([503, true]);
});
