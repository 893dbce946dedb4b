import type { FastifyInstance } from 'fastify';
import { expect } from 'vitest';
import { addRunsAuthorizeRoute } from '../../../src/api/routes/runs-authorize-route.ts';
import { createAuthenticate } from '../../../src/api/server/authenticate.ts';
import { createFailureLimit } from '../../../src/api/server/failure-limit.ts';
import type { DesiredOrganization } from '../../../src/domain/organization/organization-changes.ts';
import { send } from '../../send-request.ts';
import { DESIRED } from '../../store/contract/world.ts';
import { addKey, basic, openCredentialWorld } from '../../world/credential-world.ts';
import { listen } from '../test-server.ts';

/** Ben is `benj` in both teams; Eve is only in vision; Vera has the role view-only. */
export const TEAMS: DesiredOrganization = {
  ...DESIRED,
  teams: [
    {
      name: 'ml-platform',
      subjects: [],
      members: [
        { email: 'ada@acme.test', username: 'ada', role: 'admin' },
        { email: 'ben@acme.test', username: 'benj', role: 'member' },
        { email: 'vera@acme.test', username: 'vera', role: 'view-only' },
      ],
      projects: [
        { name: 'benchmarks', visibility: 'open', serviceAccounts: [] },
        { name: 'papers', visibility: 'private', serviceAccounts: [] },
        { name: 'site', visibility: 'public', serviceAccounts: [] },
        { name: 'secret-sauce', visibility: 'restricted', serviceAccounts: ['nightly-eval'] },
        { name: 'vault', visibility: 'restricted', serviceAccounts: ['another'] },
      ],
    },
    {
      name: 'vision',
      subjects: [],
      members: [
        { email: 'ben@acme.test', username: 'benj', role: 'admin' },
        { email: 'eve@acme.test', username: 'eve', role: 'member' },
      ],
      projects: [
        { name: 'open-images', visibility: 'open', serviceAccounts: [] },
        { name: 'faces', visibility: 'private', serviceAccounts: [] },
        { name: 'site', visibility: 'public', serviceAccounts: [] },
        { name: 'vault', visibility: 'restricted', serviceAccounts: ['nightly-eval'] },
        { name: 'shared', visibility: 'restricted', serviceAccounts: ['ml-platform/nightly-eval'] },
      ],
    },
  ],
};

export type RunWorld = Awaited<ReturnType<typeof openRunWorld>>;

/** Serves the route over a real store with {@link TEAMS} and the account `nightly-eval` of ml-platform. */
export async function openRunWorld() {
  const world = await openCredentialWorld();
  await world.store.applyOrganization(TEAMS, world.clock.nowMs);
  const { key, account } = await addKey(world, { name: 'nightly-eval' });
  const authenticate = createAuthenticate({ ports: world.ports, failureLimit: createFailureLimit() });
  const register = (server: FastifyInstance) =>
    addRunsAuthorizeRoute(server, { ports: world.ports, authenticate });
  const url = `${await listen(register, { logger: world.log.logger })}/v1/runs/authorize`;

  async function authorize(
    run: unknown,
    {
      authorization = basic('api', key),
      headers = {},
    }: { authorization?: string; headers?: Record<string, string> } = {},
  ) {
    const body = typeof run === 'string' ? run : JSON.stringify(run);
    const sent = { authorization, 'content-type': 'application/json', ...headers };
    const response = await send(url, { headers: sent, body });
    expect(response.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    if (response.status === 403) {
      expect(response.headers['www-authenticate']).toBe(
        'Bearer realm="keysmith", error="insufficient_scope"',
      );
    }
    return { status: response.status, body: JSON.parse(response.body) };
  }
  return { world, url, key, account, authorize };
}

export const BEN = { username: 'benj', email: 'ben@acme.test' };
export const EVE = { username: 'eve', email: 'eve@acme.test' };
/** Returns the response to a run that is allowed. */
export const allowed = (entity: string, project: string, to: object | null, reason: string) => ({
  status: 200,
  body: { allowed: true, entity, project, attributed_to: to, reason },
});
/** Returns the response to a run that is refused. */
export const refused = (reason: string) => ({ status: 403, body: { allowed: false, reason } });
