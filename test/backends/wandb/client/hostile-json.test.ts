import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readGraphqlResponse } from '../../../../src/backends/wandb/client/graphql-response.ts';
import { createTextCleaner } from '../../../../src/backends/wandb/client/server-text.ts';
import { Secret } from '../../../../src/domain/keys/secret.ts';
import { startCpuTime } from '../../../cpu-time.ts';
import { API_KEY, QUERY } from './client-on-server.ts';

const cleaner = createTextCleaner(new Secret(API_KEY));
const LARGEST_BYTES = 4 * 1024 * 1024;
const MEMBERS = {
  ...QUERY,
  data: z.object({ entity: z.object({ members: z.array(z.object({ id: z.string() })) }) }),
};

function largest(start: string, piece: string, end = ''): string {
  return start + piece.repeat((LARGEST_BYTES - start.length - end.length) / piece.length) + end;
}

describe('The largest answer that is read is little work', () => {
  test.each([
    ['arrays within arrays', largest('', '[')],
    ['arrays within arrays, all closed', `${'['.repeat(LARGEST_BYTES / 2)}${']'.repeat(LARGEST_BYTES / 2)}`],
    ['objects within objects', largest('', '{"a":')],
    ['arrays within its data', largest('{"data":', '[')],
    ['arrays within its errors', largest('{"errors":', '[')],
    ['many members that are none', largest('{"data":{"entity":{"members":[0', ',0', ']}}}')],
    ['many members without an ID', largest('{"data":{"entity":{"members":[{}', ',{}', ']}}}')],
    ['many errors', largest('{"errors":[0', ',0', ']}')],
    ['one string', largest('"', '\\"', '"')],
    ['a string without an end', largest('"', '\\')],
  ])('%s', (_, text) => {
    const cpuTimeMs = startCpuTime();

    expect(readGraphqlResponse(text, MEMBERS, cleaner)).toMatchObject({ ok: false });

    expect(cpuTimeMs()).toBeLessThan(2_000);
  });
});
