import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createBoundedOutput } from '../../src/log/bounded-output.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A pipe of limited size, or one whose reader is gone, and an output that writes to it. */
function createPipe({ size = 100, maxBytes = 200 } = {}) {
  let text = '';
  let unread = 0;
  let failure: string | undefined;
  let calls = 0;
  const output = createBoundedOutput({
    maxBytes,
    droppedLine: (count) => `dropped ${count}\n`,
    writeBytes(bytes) {
      calls += 1;
      if (failure !== undefined) throw Object.assign(new Error(failure), { code: failure });
      const fits = Math.min(size - unread, bytes.length);
      if (fits === 0) throw Object.assign(new Error('full'), { code: 'EAGAIN' });
      text += Buffer.from(bytes.subarray(0, fits)).toString();
      unread += fits;
      return fits;
    },
  });
  return {
    output,
    calls: () => calls,
    text: () => text,
    lines: () => text.split('\n').slice(0, -1),
    /** Reads everything, as often as needed for all that is kept. */
    read() {
      for (let times = 0; times < 20; times += 1) {
        unread = 0;
        vi.advanceTimersByTime(1_000);
      }
    },
    fail(code: string | undefined) {
      failure = code;
    },
  };
}

const line = (number: number) => `line ${String(number).padStart(4, '0')}\n`;
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => line(from + index).trim());

describe('An output whose reader keeps up', () => {
  test('has each line as soon as it is written', () => {
    const { output, text } = createPipe();
    output.write(line(1));
    expect(text()).toBe(line(1));
    output.write(line(2));
    expect(text()).toBe(line(1) + line(2));
    expect(output.dropped()).toBe(0);
  });
});

describe('An output whose reader is behind', () => {
  test('keeps what fits, in order, and writes it when the reader reads again', () => {
    const { output, lines, read } = createPipe();
    for (let number = 1; number <= 25; number += 1) output.write(line(number));
    expect(lines()).toEqual(numbers(1, 10));
    read();
    expect(lines()).toEqual(numbers(1, 25));
    expect(output.dropped()).toBe(0);
  });

  test('counts what it drops and says so in one line once the reader has caught up', () => {
    const { output, lines, read } = createPipe();
    for (let number = 1; number <= 5_000; number += 1) output.write(line(number));
    expect(output.dropped()).toBe(5_000 - 30);
    read();
    output.write(line(5_001));
    expect(lines()).toEqual([...numbers(1, 30), 'dropped 4970', ...numbers(5_001, 5_001)]);
    expect(output.dropped()).toBe(4_970);
  });

  test('drops a line that is larger than everything it keeps', () => {
    const { output, lines, read } = createPipe();
    output.write(`${'x'.repeat(500)}\n`);
    output.write(line(1));
    read();
    output.write(line(2));
    expect(lines()[0]).toMatch(/^dropped/);
    expect(lines().at(-1)).toBe('line 0002');
  });

  test('tries again at growing intervals and not once for each line', () => {
    const { output, calls } = createPipe();
    for (let number = 1; number <= 1_000; number += 1) output.write(line(number));
    expect(calls()).toBeLessThan(20);
    vi.advanceTimersByTime(10_000);
    expect(calls()).toBeLessThan(100);
  });
});

describe('An output whose reader is gone', () => {
  test.each(['EPIPE', 'ENOSPC', 'EIO', 'EBADF'])(
    'drops lines without throwing on %s, and goes on when there is a reader again',
    (code) => {
      const { output, calls, lines, fail, read } = createPipe();
      output.write(line(1));
      fail(code);
      for (let number = 2; number <= 1_000; number += 1) output.write(line(number));
      expect(calls()).toBeLessThan(10);
      expect(output.dropped()).toBe(999);
      fail(undefined);
      read();
      output.write(line(1_001));
      expect(lines()).toEqual(['line 0001', 'dropped 999', 'line 1001']);
    },
  );

  test('ends an incomplete line before it reports what it dropped', () => {
    const { output, lines, fail, read } = createPipe({ size: 15 });
    output.write(line(1));
    output.write(line(2));
    fail('EPIPE');
    vi.advanceTimersByTime(1_000);
    fail(undefined);
    read();
    expect(lines()).toEqual(['line 0001', 'line ', 'dropped 1']);
  });
});

describe('The end of the process', () => {
  beforeEach(() => {
    vi.useRealTimers();
  });

  test('writes what is kept while the reader reads', () => {
    let calls = 0;
    let text = '';
    const output = createBoundedOutput({
      droppedLine: String,
      writeBytes(bytes) {
        calls += 1;
        // The pipe is full at every other attempt.
        if (calls % 2 === 1) throw Object.assign(new Error('full'), { code: 'EAGAIN' });
        text += Buffer.from(bytes.subarray(0, 7)).toString();
        return Math.min(7, bytes.length);
      },
    });
    for (const number of [1, 2, 3]) output.write(line(number));
    expect(text).toBe('');
    output.drain(10_000);
    expect(text).toBe(line(1) + line(2) + line(3));
  });

  test('doesn’t wait longer than it may for a reader that stalls', () => {
    const output = createBoundedOutput({
      droppedLine: String,
      writeBytes: () => {
        throw Object.assign(new Error('full'), { code: 'EAGAIN' });
      },
    });
    output.write(line(1));
    // Returns at all.
    output.drain(20);
    expect(output.dropped()).toBe(0);
  });
});
