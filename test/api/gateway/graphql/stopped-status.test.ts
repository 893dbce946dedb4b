import { describe, expect, test } from 'vitest';
import { guarded } from './guarded.ts';

const asks = (query: string, variables = {}) => guarded({ query, variables }).asksStopped;

describe('A question whether a run should stop', () => {
  test('is recognized as SDKs ask it, with the answer that stops the run', () => {
    const query = `query RunStoppedStatus($projectName: String, $entityName: String, $runId: String!) {
      project(name: $projectName, entityName: $entityName) { run(name: $runId) { stopped } }
    }`;
    expect(asks(query, { projectName: 'demo', entityName: 'acme', runId: 'r1' })).toEqual({
      entity: 'acme',
      project: 'demo',
      run: 'r1',
      answer: { data: { project: { run: { stopped: true } } } },
    });
  });

  test('is recognized under aliases and in fragments, and without a team', () => {
    const query = `{ __typename p: model(name: "demo") { t: __typename ...F } }
      fragment F on Project { r: bucket(name: "r1") { s: stopped name ... on Run { __typename } } }`;
    expect(asks(query)).toEqual({
      entity: undefined,
      project: 'demo',
      run: 'r1',
      answer: {
        data: {
          __typename: 'Query',
          p: { t: 'Project', r: { s: true, name: 'r1', __typename: 'Run' } },
        },
      },
    });
  });

  test.each<[query: string]>([
    ['{ viewer { id } }'],
    ['{ viewer { stopped } project(name: "p") { run(name: "r") { stopped } } }'],
    ['{ project(name: "p") { id run(name: "r") { stopped } } }'],
    ['{ project(name: "p") { run(name: "r") { stopped id } } }'],
    ['{ project(name: "p") { run(name: "r") { stopped constructor } } }'],
    ['{ project(name: "p") { run(name: "r") { name } } }'],
    ['{ project(name: "p") { run(name: "") { stopped } } }'],
    ['{ project(name: "p") { run(name: "r") { stopped @include(if: false) } } }'],
    ['{ project(name: "p") { a: run(name: "r") { stopped } b: run(name: "other") { stopped } } }'],
    [
      '{ a: project(name: "p") { run(name: "r") { stopped } } b: project(name: "q") { run(name: "r") { stopped } } }',
    ],
    ['{ project(name: "p") { run(name: "r") { stopped } run(name: "r") { name } } }'],
    ['mutation { stopRun(input: { id: "r" }) { stopped } }'],
  ])('is nothing else: %s', (query) => {
    expect(asks(query)).toBeUndefined();
  });
});
