import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acmeTeams } from '../../world/acme-teams.ts';
import { type GatewayWorld, startGatewayWorld } from '../../world/gateway-world.ts';

let world: GatewayWorld;
beforeAll(async () => {
  const open = { name: 'open-data', visibility: 'open' as const, serviceAccounts: [] };
  const teams = acmeTeams().teams.map((team) =>
    team.name === 'research' ? { ...team, projects: [open] } : team,
  );
  world = await startGatewayWorld({ organization: { teams } });
});
afterAll(() => world.stop());

async function ask(query: string): Promise<{ status: number; body: unknown; forwarded: number }> {
  world.upstream.requests.length = 0;
  const response = await fetch(`${world.baseUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: world.authorization },
    body: JSON.stringify({ query }),
  });
  const body: unknown = await response.json();
  return { status: response.status, body, forwarded: world.upstream.requests.length };
}

const inOpenProject = (selection: string) =>
  `{ project(name: "open-data", entityName: "research") { name ${selection} } }`;

describe('An account of another team may use an open project', () => {
  it('to log and read its own runs there', async () => {
    const input = '{ entityName: "research", modelName: "open-data", name: "r1" }';
    const bucket = 'bucket { name project { name entity { name } } }';
    expect(await ask(`mutation { upsertBucket(input: ${input}) { ${bucket} } }`)).toMatchObject({
      status: 200,
      body: { data: { upsertBucket: { bucket: { name: 'r1', project: { entity: { name: 'research' } } } } } },
    });
    expect(await ask(inOpenProject('runs { edges { node { name } } }'))).toMatchObject({
      status: 200,
      body: { data: { project: { runs: { edges: [{ node: { name: 'r1' } }] } } } },
    });
  });

  it.each([
    'entity { members { email } }',
    'entity { organization { name } }',
    'runs { edges { node { inputArtifacts { edges { node { id files { edges { node { directUrl } } } } } } } } }',
    'user { teams { edges { node { name } } } }',
  ])('but sees nothing else of the team: %s', async (selection) => {
    expect(await ask(inOpenProject(selection))).toMatchObject({ status: 403, forwarded: 0 });
  });
});
