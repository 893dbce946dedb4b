import { describe, expect, it } from 'vitest';
import { createStoredLines, type LineLimits } from '../../../../src/sandbox/wandb/runs/stored-lines.ts';

const limits = (own: Partial<LineLimits>): LineLimits => ({
  keep: 'sample',
  maxLines: 10,
  maxBytes: 1000,
  maxLineBytes: 100,
  ...own,
});
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`);

describe('the lines that the local W&B stores of a run', () => {
  it('are stored by offset: a line that is sent again replaces the earlier one', () => {
    const lines = createStoredLines(limits({}));
    lines.write(0, ['10 %', '20 %']);
    lines.write(1, ['90 %', 'done']);
    lines.write(1, ['100 %']);
    expect(lines.entries()).toEqual([
      [0, '10 %'],
      [1, '100 %'],
      [2, 'done'],
    ]);
    expect([lines.count(), lines.last(), lines.bytes()]).toEqual([3, 'done', 13]);
  });

  it('are sampled evenly from more lines than are kept, and the last one always stays', () => {
    const lines = createStoredLines(limits({}));
    for (let offset = 0; offset < 100; offset += 1) lines.write(offset, numbers(offset, offset + 1));
    const offsets = lines.entries().map(([offset]) => offset);
    expect(offsets).toEqual([0, 16, 32, 48, 64, 80, 96, 99]);
    expect([lines.count(), lines.last()]).toEqual([100, 'line 99']);
  });

  it('are the last ones of a longer console log', () => {
    const lines = createStoredLines(limits({ keep: 'tail' }));
    lines.write(0, numbers(0, 100));
    const offsets = lines.entries().map(([offset]) => offset);
    expect(offsets.at(-1)).toBe(99);
    expect(offsets.length).toBeGreaterThan(6);
    expect(offsets.length).toBeLessThanOrEqual(10);
    lines.write(3, ['too late']);
    expect(lines.entries().map(([, line]) => line)).not.toContain('too late');
    expect(lines.count()).toBe(100);
  });

  it.each(['sample', 'tail'] as const)(
    'take no more memory than allowed, however long they are (%s)',
    (keep) => {
      const lines = createStoredLines(limits({ keep, maxLines: 1000, maxBytes: 500 }));
      for (let offset = 0; offset < 50; offset += 1) {
        lines.write(offset, ['x'.repeat(90)]);
        expect(lines.bytes()).toBeLessThanOrEqual(500);
      }
      expect(lines.count()).toBe(50);
    },
  );

  it('are cut when one is too long for the console, and left out when it is a metric', () => {
    const console = createStoredLines(limits({ keep: 'tail' }));
    console.write(0, ['x'.repeat(200)]);
    expect(console.last()).toBe(`${'x'.repeat(99)}…`);
    const history = createStoredLines(limits({}));
    history.write(0, ['{}', 'x'.repeat(200)]);
    expect([history.entries(), history.count()]).toEqual([[[0, '{}']], 2]);
  });

  it('may have any offset', () => {
    const lines = createStoredLines(limits({}));
    lines.write(2_000_000_000, ['far']);
    lines.write(5, ['near']);
    expect([lines.count(), lines.last()]).toEqual([2_000_000_001, 'far']);
  });
});
