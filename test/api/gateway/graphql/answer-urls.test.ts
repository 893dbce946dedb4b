import { describe, expect, test } from 'vitest';
import { editedAnswer, guarded } from './guarded.ts';

describe('In the answer to a document with URLs', () => {
  test('every URL is rewritten, under aliases, in lists and in fragments, and nothing else', () => {
    const operation = guarded({
      query: `query { project { run {
        files { edges { node { name url direct: directUrl ...F uploadHeaders uploadMultipartUrls { uploadID uploadUrlParts { uploadUrl } } } } }
        parquetHistory { parquetUrls }
      } } }
      fragment F on File { to: uploadUrl description }`,
    });
    expect(operation.edit).toMatchObject({ hasUrls: true, maskedFields: 0 });
    const file = {
      name: 'https://a',
      url: '/files/a',
      direct: null,
      to: 'https://b',
      description: 'https://c',
      uploadHeaders: ['https://d'],
      uploadMultipartUrls: { uploadID: '1', uploadUrlParts: [{ uploadUrl: '/p1' }, { uploadUrl: 7 }] },
    };
    const run = { files: { edges: [{ node: file }] }, parquetHistory: { parquetUrls: ['/q', ['/r'], null] } };
    expect(editedAnswer(operation, { data: { project: { run } }, errors: [{ url: '/e' }] })).toEqual({
      data: {
        project: {
          run: {
            files: {
              edges: [
                {
                  node: {
                    ...file,
                    url: 'rewritten:/files/a',
                    to: 'rewritten:https://b',
                    uploadMultipartUrls: {
                      uploadID: '1',
                      uploadUrlParts: [{ uploadUrl: 'rewritten:/p1' }, { uploadUrl: 7 }],
                    },
                  },
                },
              ],
            },
            parquetHistory: { parquetUrls: ['rewritten:/q', ['rewritten:/r'], null] },
          },
        },
      },
      errors: [{ url: '/e' }],
    });
  });

  test('a document without URLs and credentials has an answer that may stream', () => {
    expect(guarded({ query: '{ viewer { id url: name } }' }).edit).toBeUndefined();
  });
});

describe('The IDs of an answer', () => {
  test('are those in fields for IDs, under aliases too, once each', () => {
    const operation = guarded({
      query: '{ viewer { me: id runs { id projectId name } uploadID x: apiKeyId node { artifactIDs } } }',
    });
    const answer = {
      data: {
        viewer: {
          me: 'A',
          runs: [{ id: 'B', projectId: 4, name: 'N' }, { id: 'B' }, { id: { odd: 1 } }, { id: null }],
          uploadID: 'U',
          x: 'K',
          node: { artifactIDs: ['C', 'D', true] },
          id: 'not selected',
        },
      },
    };
    expect(operation.selectsIds).toBe(true);
    expect(operation.collectIds(answer).sort()).toEqual(['4', 'A', 'B', 'C', 'D']);
  });

  test('are at most 10,000', () => {
    const operation = guarded({ query: '{ runs { id } }' });
    const runs = Array.from({ length: 10_100 }, (_, at) => ({ id: `run-${at}` }));
    expect(operation.collectIds({ data: { runs } })).toHaveLength(10_000);
  });

  test('are none in a document that selects none', () => {
    const operation = guarded({ query: '{ viewer { name } }' });
    expect(operation.selectsIds).toBe(false);
    expect(operation.collectIds({ data: { viewer: { id: 'A', name: 'B' } } })).toEqual([]);
  });
});
