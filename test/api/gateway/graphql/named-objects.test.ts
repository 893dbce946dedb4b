import { describe, expect, test } from 'vitest';
import { type NamedProject, teamScope } from '../../../../src/api/gateway/graphql/guarded-operation.ts';
import { guarded, refusalOf } from './guarded.ts';

const namedIn = (query: string, variables = {}) => guarded({ query, variables }).named;
const idsIn = (query: string, variables = {}) => [...guarded({ query, variables }).namedIds].sort();

const acme = { entity: 'acme', project: 'demo' };

describe('An operation names a team and a project', () => {
  test.each<[query: string, variables: object, named: NamedProject[]]>([
    ['{ project(name: "demo", entityName: "acme") { id } }', {}, [acme]],
    ['{ p: model(entityName: "acme", name: "demo") { id } }', {}, [acme]],
    [
      'query ($p: String, $e: String) { project(name: $p, entityName: $e) { id } }',
      { p: 'demo', e: 'acme' },
      [acme],
    ],
    [
      'query ($p: String = "demo", $e: String = "acme") { project(name: $p, entityName: $e) { id } }',
      {},
      [acme],
    ],
    ['query ($e: String = "acme") { entity(name: $e) { id } }', { e: null }, [{ entity: 'acme' }]],
    ['{ entity(name: "acme") { project(name: "demo") { id } } }', {}, [{ entity: 'acme' }, acme]],
    [
      '{ entity(name: "acme") { ...F } } fragment F on Entity { ... { project(name: "demo") { id } } }',
      {},
      [{ entity: 'acme' }, acme],
    ],
    ['{ projects(entityName: "acme") { id } }', {}, [{ entity: 'acme' }]],
    ['{ project(name: "demo") { id } }', {}, [{ project: 'demo' }]],
    ['mutation { upsertBucket(input: { entityName: "acme", modelName: "demo" }) { id } }', {}, [acme]],
    [
      'mutation { upsertModel(input: { entityName: "acme", name: "demo", icon: { name: "cat" }, artifactTypes: [{ name: "t" }] }) { id } }',
      {},
      [acme],
    ],
    [
      'mutation ($i: X) { upsertModel(input: $i) { id } }',
      { i: { entityName: 'acme', name: 'demo' } },
      [acme],
    ],
    [
      'mutation { createRunFiles(entity: "acme", project: "demo", run: "r", files: ["f"]) { id } }',
      {},
      [acme],
    ],
    [
      'mutation { createCustomChart(input: { entity: "acme", name: "chart" }) { id } }',
      {},
      [{ entity: 'acme' }],
    ],
    ['mutation { x: createArtifact(input: { entityName: "acme", projectName: "demo" }) { id } }', {}, [acme]],
    [
      '{ a(where: [{ entityName: "acme", projects: ["demo", "two"] }]) }',
      {},
      [acme, { entity: 'acme', project: 'two' }],
    ],
    ['{ a(entityName: "acme", where: { projectName: "demo" }) }', {}, [{ entity: 'acme' }, acme]],
    ['{ a(entity: { name: "acme" }, project_name: "demo") }', {}, [{ project: 'demo' }, { entity: 'acme' }]],
    ['{ project(name: demo, entityName: acme) { id } }', {}, [acme]],
    ['query ($e: X) { entity(name: $e) { id } }', { e: 5 }, [{ entity: '5' }]],
    ['query ($e: X) { entity(name: $e) { id } }', { e: [['acme']] }, [{ entity: 'acme' }]],
    ['{ entity(name: """acme""") { id } }', {}, [{ entity: 'acme' }]],
    ['{ entity(name: "\\u0061cme") { id } }', {}, [{ entity: 'acme' }]],
  ])('%s %j', (query, variables, named) => {
    expect(namedIn(query, variables)).toEqual(named);
  });

  test.each<[query: string, variables: object]>([
    ['{ viewer { id } }', {}],
    ['{ entity(name: "") { project(name: null) { id } } }', {}],
    ['query ($e: String, $p: String) { project(name: $p, entityName: $e) { id } }', { e: '' }],
    ['query ($p: String) { project(name: $p) { id } }', { toString: 'x' }],
    [
      '{ viewer { identity(name: "x") supermodel(name: "y") runs(order: "+name", filters: "{}") { id } } }',
      {},
    ],
  ])('only where there are names: %s %j', (query, variables) => {
    expect(namedIn(query, variables)).toEqual([]);
  });

  test('by the values of its own variables, even if another operation of the document names others', () => {
    const query =
      'query A($e: String = "acme") { ...F } query B($e: String = "other") { ...F } fragment F on Query { entity(name: $e) { id } }';
    expect(guarded({ query, operationName: 'A' }).named).toEqual([{ entity: 'acme' }]);
    expect(guarded({ query, operationName: 'B' }).named).toEqual([{ entity: 'other' }]);
  });

  test.each([
    '{ a: entity(name: "acme") { id } b: entity(name: "other") { id } }',
    '{ entity(name: "acme") { project(name: "p", entityName: "other") { id } } }',
    '{ project(name: "p", entityName: "acme") { x(entityName: "other") { id } } }',
    '{ a(entity: "acme", entityName: "other") }',
    '{ a(teams: ["acme", "other"]) }',
    'mutation { useArtifact(input: { entityName: "acme", artifactEntityName: "other" }) { id } }',
    'query ($e: String = "other") { a: entity(name: "acme") { id } b: entity(name: $e) { id } }',
  ])('and two teams are ambiguous: %s', (query) => {
    expect(teamScope(namedIn(query))).toEqual({ ok: false, entities: ['acme', 'other'] });
  });

  test('so that a project without a team belongs to the only named team', () => {
    const query = '{ a: project(name: "p") { id } b: project(name: "q", entityName: "acme") { id } }';
    expect(teamScope(namedIn(query))).toEqual({ ok: true, entity: 'acme', projects: ['p', 'q'] });
    expect(teamScope([{ project: 'p' }])).toEqual({ ok: true, entity: undefined, projects: ['p'] });
    expect(teamScope([])).toEqual({ ok: true, entity: undefined, projects: [] });
  });

  test('in Unicode NFC: another form of the name is refused', () => {
    const query = 'query ($e: String) { entity(name: $e) { id } }';
    expect(refusalOf({ query, variables: { e: 'cafe\u0301' } })?.kind).toBe('scope');
    expect(namedIn(query, { e: 'caf\u00e9' })).toEqual([{ entity: 'caf\u00e9' }]);
  });
});

describe('An operation names objects by their IDs', () => {
  test.each<[query: string, variables: object, ids: string[]]>([
    ['{ artifact(id: "A") { id } }', {}, ['A']],
    ['query ($id: ID!) { artifact(id: $id) { id } }', { id: 'A' }, ['A']],
    ['query ($id: ID = "A") { artifact(id: $id) { id } }', {}, ['A']],
    ['query ($id: ID) { artifact(id: $id) { id } }', { id: 7 }, ['7']],
    ['{ a(ids: ["A", "B"], runID: "C", sweepId: "D", artifact_id: "E") }', {}, ['A', 'B', 'C', 'D', 'E']],
    ['mutation { commitArtifact(input: { artifactID: "A" }) { id } }', {}, ['A']],
    ['mutation { stopRun(input: { id: "A" }) { ok } }', {}, ['A']],
    [
      'mutation ($f: X) { createArtifactFiles(input: { artifactFiles: $f }) { id } }',
      { f: [{ artifactID: 'A' }, { artifactManifestID: 'B' }] },
      ['A', 'B'],
    ],
    // The sweep's ID, as SDKs have it from W&B: `Sweep:…`.
    [
      'mutation { createAgent(input: { sweep: "U3dlZXA6djE6eDpkZW1vOmFjbWU=" }) { id } }',
      {},
      ['U3dlZXA6djE6eDpkZW1vOmFjbWU='],
    ],
    ['mutation { upsertBucket(input: { id: null, name: "r" }) { id } }', {}, []],
    [
      'mutation { createArtifact(input: { clientID: "x", sequenceClientID: "y", clientMutationId: "z", distributedID: "" }) { id } }',
      {},
      [],
    ],
    ['{ project(name: "demo", entityName: "acme") { run(name: "U2FmZQ") { id } } }', {}, []],
  ])('%s %j', (query, variables, ids) => {
    expect(idsIn(query, variables)).toEqual(ids);
  });
});

describe('An operation that names a project shows more of its team', () => {
  test.each([
    '{ project(name: "p", entityName: "acme") { entity { projects { edges { node { name } } } } } }',
    '{ project(name: "p", entityName: "acme") { entity { members { email } } } }',
    '{ project(name: "p", entityName: "acme") { user { teams { edges { node { name } } } } } }',
    '{ project(name: "p", entityName: "acme") { newFieldOfNewerServer { name } } }',
    '{ project(name: "p", entityName: "acme") { run(name: "r") { project { runs { edges { node { config } } } } } } }',
    '{ project(name: "p", entityName: "acme") { artifact(name: "a") { usedBy { edges { node { config } } } } } }',
    '{ project(name: "p", entityName: "acme") { name } viewer { id } }',
    '{ project(name: "p", entityName: "acme") { name } entity(name: "acme") { id } }',
    '{ models(entityName: "acme", projectName: "p") { edges { node { name } } } }',
    'mutation { upsertBucket(input: { entityName: "acme", modelName: "p" }) { bucket { project { entity { members { email } } } } } }',
    '{ project(name: "p", entityName: "acme") { ...F } } fragment F on Project { ... { entity { ...G } } } fragment G on Entity { members { email } }',
  ])('with %s', (query) => {
    expect(guarded({ query }).staysInProject).toBe(false);
  });

  test('not with names, IDs, runs, files and artifacts, which stay in the project', () => {
    const query = `{ project(name: "p", entityName: "acme") {
      entity { id name } user { name username }
      runs { edges { node { config project { name entity { name } } files { edges { node { url } } } } } }
    } }`;
    expect(guarded({ query }).staysInProject).toBe(true);
  });
});
