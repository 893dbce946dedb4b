import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { editedText, readAnswer } from '../../../../src/api/gateway/operations/edited-answer.ts';

const held = { resize: () => true, release: () => {} };

it.each([
  ['lets other requests run between the steps of a large answer', 2_000_000, 3],
  ['edits a short answer at once', 2_000, 0],
])('%s', async (_title, length, turns) => {
  const answer = { data: { text: 'x'.repeat(length) } };
  const body = Readable.from([Buffer.from(JSON.stringify(answer))]);
  let isOver = false;
  let others = 0;
  const edit = {
    maskedFields: 0,
    hasUrls: false,
    apply() {
      // Counted from here on, as reading a stream takes turns too.
      if (others === 0)
        setImmediate(function run() {
          others += 1;
          if (!isOver) setImmediate(run);
        });
    },
  };
  const read = await readAnswer({ body }, held);
  if (!read.ok) throw new Error(read.reason);
  const text = await editedText(edit, read.answer, { rewriteUrl: (url) => url, size: read.size });
  isOver = true;
  expect(JSON.parse(text ?? '')).toEqual(answer);
  expect(others > 0).toBe(turns > 0);
});
