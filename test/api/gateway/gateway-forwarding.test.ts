import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayWorld, startGatewayWorld, TEAM } from '../../world/gateway-world.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld();
});
afterAll(() => world.stop());

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${world.baseUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: world.authorization, ...headers },
    body: JSON.stringify(body),
  });

describe('the gateway', () => {
  it('forwards the lines of a run with the credential of the team', async () => {
    world.upstream.requests.length = 0;
    const response = await post(`/files/${TEAM}/demo/run1/file_stream`, { files: {} });
    // The run doesn't exist: what matters is who asked.
    expect(response.status).toBe(404);
    const [request] = world.upstream.routeRequests;
    expect(request?.path).toBe(`/files/${TEAM}/demo/run1/file_stream`);
    expect(request?.caller).toMatch(/^ml-platform-service-/);
  });
});
