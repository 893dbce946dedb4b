import { expect, it } from 'vitest';
import { readLoggedHead } from '../../../src/domain/audit/logged-heads.ts';

const line = { level: 'info', time: '2026-11-30T10:00:00Z', sequence: 7, head: 'ab', msg: 'audit head' };
const head = { sequence: 7, hash: 'ab', time: '2026-11-30T10:00:00Z' };

it.each<[string, unknown]>([
  [JSON.stringify(line), head],
  [`keysmith-1  | ${JSON.stringify(line)}`, head],
  [JSON.stringify({ log: JSON.stringify(line), stream: 'stdout' }), head],
  [JSON.stringify({ kubernetes: {}, message: line }), head],
  [
    JSON.stringify({ ...line, time: Date.UTC(2026, 10, 30, 10) }),
    { ...head, time: '2026-11-30T10:00:00.000Z' },
  ],
  [JSON.stringify({ ...line, msg: 'audit head of another program' }), undefined],
  [JSON.stringify({ ...line, sequence: '7' }), undefined],
  ['audit head {', undefined],
  ['', undefined],
])('reads the head in a log line: %#', (text, expected) => {
  expect(readLoggedHead(text)).toEqual(expected);
});
