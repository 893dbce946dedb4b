import { parse, print, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { guardSchema } from './guard-schema.ts';
import { forwardedBody, guard, guarded } from './guarded.ts';
import { recordedRequests } from './recorded-requests.ts';

/** SDK calls that manage accounts and keys. */
const refused = /createServiceAccount|generateApiKey|deleteApiKey|deleteInvite/;
const ofRuns = recordedRequests.filter(({ body }) => !refused.test(body.query));

const problemsOf = (query: string) => validate(guardSchema, parse(query)).map(({ message }) => message);

describe('Of the documents that SDKs send', () => {
  test.each(ofRuns)('$name is forwarded as it is, or with masked fields, and stays valid', ({ body }) => {
    const operation = guarded(body);
    const forwarded = forwardedBody(operation);

    expect(problemsOf(forwarded.query)).toEqual(problemsOf(body.query));
    const masksFields = (operation.edit?.maskedFields ?? 0) > 0;
    expect(masksFields).toBe(/apiKeys?\b/.test(body.query));
    if (!masksFields) expect(definitionsIn(forwarded.query)).toEqual(definitionsIn(body.query));
  });

  test('those that manage accounts and keys are refused', () => {
    const others = recordedRequests.filter((request) => !ofRuns.includes(request));
    const kinds = others.map(({ body }) => guard.read(body)).map((result) => result.ok || result.kind);
    expect(new Set(kinds)).toEqual(new Set(['mutation']));
  });

  test('those that name a project show nothing else of its team', () => {
    const reach = ofRuns.filter(({ body }) => {
      const { named, staysInProject } = guarded(body);
      return !staysInProject && named.some(({ project }) => project !== undefined);
    });
    expect(reach.map(({ name }) => name)).toEqual([]);
  });

  test('a run is named with its team and project in all but those that name an ID', () => {
    const unnamed = ofRuns.filter(({ body }) => guarded(body).named.length === 0).map(({ name }) => name);
    const expected =
      /Viewer|Probe|ServerFeatures|GetDefaultEntity|anon|CreateArtifactFiles|CommitArtifact|ArtifactByID|ArtifactFileURLs|FetchArtifactManifest/;
    expect(unnamed.filter((name) => !expected.test(name))).toEqual([]);
  });
});

/** The definitions as texts of one format, in the order of the alphabet. */
function definitionsIn(query: string): string[] {
  return parse(query).definitions.map(print).sort();
}
