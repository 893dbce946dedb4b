import { buildSchema, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { defaultCapabilities } from '../../../src/sandbox/wandb/capabilities.ts';
import { rootValue } from '../../../src/sandbox/wandb/graphql/resolvers/queries.ts';
import { schemaText } from '../../../src/sandbox/wandb/graphql/schema-text.ts';
import type { DrivenWandb } from '../../driver/driven-wandb.ts';
import { call, startWandb } from '../wandb/wandb-calls.ts';
import type { Fidelity } from './slack-fidelity.ts';
import { operationFidelity, typeFidelity, wireFidelity } from './wandb-fidelity.ts';

const namesIn = (table: Record<string, Fidelity>, isStarted: boolean) =>
  Object.entries(table)
    .filter(([, { level }]) => (level !== 'not_started') === isStarted)
    .map(([name]) => name)
    .sort();

const everything = { ...defaultCapabilities, hasOAuthClients: true, hasDeleteApiKey: true };
const schema = buildSchema(schemaText(everything));
const rootFields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
  Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`),
);
const objectTypes = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type))
  .map(({ name }) => name)
  .filter((name) => !/^__|^Query$|^Mutation$|(?:Connection|Edge|Payload)$/.test(name));

describe('the fidelity table of the local W&B', () => {
  it('lists exactly the operations of the schema as supported or partial', () => {
    expect(namesIn(operationFidelity, true)).toEqual(rootFields.toSorted());
  });

  it('lists exactly the types of the schema as supported or partial', () => {
    expect(namesIn(typeFidelity, true)).toEqual(objectTypes.toSorted());
  });

  it('has a resolver for every operation of the schema and no others', () => {
    const fields = rootFields.map((field) => field.replace(/.*\./, ''));
    expect(Object.keys(rootValue).sort()).toEqual(fields.sort());
  });

  it('has no types and operations that are listed as not started', () => {
    expect(rootFields.filter((field) => namesIn(operationFidelity, false).includes(field))).toEqual([]);
    expect(objectTypes.filter((type) => namesIn(typeFidelity, false).includes(type))).toEqual([]);
  });

  const wire: Record<keyof typeof wireFidelity, (wandb: DrivenWandb) => Promise<boolean>> = {
    basic_authentication: async (wandb) => (await call(wandb, '{ viewer { id } }')).json.data.viewer !== null,
    bearer_authentication: async (wandb) => {
      const headers = { authorization: `Bearer ${wandb.apiKey}` };
      return (await call(wandb, '{ viewer { id } }', { key: null, headers })).status === 200;
    },
    token_exchange: async ({ baseUrl }) =>
      (await fetch(`${baseUrl}/oidc/token`, { method: 'POST', body: 'grant_type=x' })).status === 400,
    scim: async (wandb) => {
      wandb.switch('hasScim', true);
      return (await fetch(`${wandb.baseUrl}/scim/Users`)).status === 401;
    },
    audit_log: async (wandb) => {
      wandb.switch('auditLog', 'on');
      return (await fetch(`${wandb.baseUrl}/admin/audit_logs`)).status === 401;
    },
    admin_privileges: async (wandb) => {
      wandb.switch('gatesAdminPrivileges', true);
      const { json } = await call(wandb, '{ users { edges { node { id } } } }');
      wandb.switch('gatesAdminPrivileges', false);
      return json.errors[0].message === 'relogin required';
    },
    introspection: async (wandb) => (await call(wandb, '{ __schema { types { name } } }')).status === 200,
    errors: async (wandb) =>
      (await call(wandb, '{ users { edges { node { id } } } }', { key: null })).status === 401,
    file_stream: async ({ baseUrl }) =>
      (await fetch(`${baseUrl}/files/research/demo/one/file_stream`, { method: 'POST' })).status === 401,
    file_downloads: async ({ baseUrl }) =>
      (await fetch(`${baseUrl}/files/research/demo/one/note.txt`)).status === 401,
    service_accounts_page: async ({ baseUrl }) => (await fetch(`${baseUrl}/research/service-accounts`)).ok,
  };

  it('offers exactly the wire features listed as supported or partial', async () => {
    const wandb = await startWandb();
    const done = [];
    for (const [name, works] of Object.entries(wire)) if (await works(wandb)) done.push(name);
    expect(done.sort()).toEqual(namesIn(wireFidelity, true));
    expect(Object.keys(wire).sort()).toEqual(Object.keys(wireFidelity).sort());
  });
});
