import fc from 'fast-check';
import { buildSchema, parse, TypeInfo, validate, visit, visitWithTypeInfo } from 'graphql';
import { expect, test } from 'vitest';
import { readServerInfo } from '../../../../../src/backends/wandb/client/queries/read-server-info.ts';
import { readTeam } from '../../../../../src/backends/wandb/client/queries/read-team.ts';
import {
  readOrganizations,
  readUserTeams,
  readViewer,
} from '../../../../../src/backends/wandb/client/queries/read-viewer.ts';
import { defaultCapabilities } from '../../../../../src/sandbox/wandb/capabilities.ts';
import { schemaText } from '../../../../../src/sandbox/wandb/graphql/schema-text.ts';
import { randomRuns } from '../../../../long-form.ts';
import { startClient } from '../client-on-server.ts';

const SCHEMA = buildSchema(schemaText(defaultCapabilities));
/** The fields that Keysmith can do without. */
const DISPENSABLE = [
  'Member.role',
  'Member.OAuthClients',
  'Member.apiKey',
  'Entity.organization',
  'Organization.OAuthProviders',
  'User.organizations',
  'Query.users',
  'Query.serverInfo',
  'ServerInfo.features',
  'ServerInfo.latestLocalVersionInfo',
];
const DATA = {
  entity: { id: 'e1', name: 'ml', isTeam: true, members: [] },
  viewer: { id: 'u1', username: 'ada', email: null, admin: true, entity: null, teams: null },
  users: { edges: [] },
  serverInfo: null,
};

/** Returns an error for each field of a document that the server lacks, in the words of the reference implementation. */
function errorsOf(query: string, missing: readonly string[]) {
  const document = parse(query);
  expect(validate(SCHEMA, document)).toEqual([]);
  const types = new TypeInfo(SCHEMA);
  const errors: { message: string }[] = [];
  const Field = ({ name }: { name: { value: string } }) => {
    const type = types.getParentType()?.name;
    if (!missing.includes(`${type}.${name.value}`)) return undefined;
    errors.push({ message: `Cannot query field "${name.value}" on type "${type}".` });
    // Nothing is known of what is selected below it.
    return false;
  };
  visit(document, visitWithTypeInfo(types, { Field }));
  return errors;
}

test('every query works whichever fields a server lacks, and needs one request the second time', async () => {
  const server = fc.record({
    missing: fc.subarray(DISPENSABLE),
    status: fc.constantFrom(200, 400),
    data: fc.constantFrom({}, { data: null }),
    namesOneField: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(server, async ({ missing, status, data, namesOneField }) => {
      let requests = 0;
      await using setup = await startClient({
        fetch: async (_, init) => {
          requests += 1;
          const errors = errorsOf(JSON.parse(String(init?.body)).query, missing);
          if (errors.length === 0) return Response.json({ data: DATA });
          return Response.json({ ...data, errors: namesOneField ? errors.slice(0, 1) : errors }, { status });
        },
      });
      const { client } = setup;
      const readAll = async () => [
        await readTeam(client, 'ml'),
        await readViewer(client),
        await readOrganizations(client),
        await readUserTeams(client, 'ada@acme.test'),
        await readServerInfo(client),
      ];

      expect((await readAll()).map(({ ok }) => ok)).toEqual(Array(5).fill(true));
      expect(requests).toBeLessThanOrEqual(5 + missing.length);
      requests = 0;
      const [team] = await readAll();
      const unasked = ['User.organizations', 'Query.users'].filter((field) => missing.includes(field));
      expect(requests).toBe(5 - unasked.length);
      expect(team).toMatchObject({ value: { hasOrganizations: !missing.includes('Entity.organization') } });
    }),
    { numRuns: randomRuns(60) },
  );
});
