import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogger, runInRequest } from '../../src/log/create-logger.ts';
import { createLimitedLog } from '../../src/log/limited-log.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function createLog(linesPerWindow: number, level = 'info') {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger = createLogger({ level, secrets: [], destination });
  return { log: createLimitedLog(logger, { linesPerWindow, windowMs: 60_000 }), lines };
}

describe('A log that strangers can write to', () => {
  test('writes the first line of a kind immediately, and one line with the number of the others at the end of the minute', () => {
    const { log, lines } = createLog(1);
    for (let number = 1; number <= 3_000; number += 1) {
      log.warn({ reason: 'signature_missing', from: `192.0.2.${number % 200}` }, 'request rejected');
    }
    expect(lines).toEqual([
      expect.objectContaining({ msg: 'request rejected', reason: 'signature_missing', from: '192.0.2.1' }),
    ]);

    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({ level: 40, msg: 'request rejected', count: 2_999, from: '192.0.2.0' });

    vi.advanceTimersByTime(3_600_000);
    expect(lines).toHaveLength(2);
    log.warn({ reason: 'signature_missing' }, 'request rejected');
    expect(lines).toHaveLength(3);
  });

  test('limits each reason and each message separately', () => {
    const { log, lines } = createLog(2);
    for (let number = 0; number < 10; number += 1) {
      for (const reason of ['a', 'b']) log.info({ reason }, 'credential rejected');
      log.error({}, 'request failed');
    }
    expect(lines).toHaveLength(6);
    log.flush();
    expect(lines.slice(6).map(({ msg, reason, count }) => [msg, reason, count])).toEqual([
      ['credential rejected', 'a', 8],
      ['credential rejected', 'b', 8],
      ['request failed', undefined, 8],
    ]);
  });

  test('writes every line at level debug', () => {
    const { log, lines } = createLog(1, 'debug');
    for (let number = 0; number < 5; number += 1) log.warn({ number }, 'request rejected');
    expect(lines.map(({ level, number }) => [level, number])).toEqual([
      [40, 0],
      [20, 1],
      [20, 2],
      [20, 3],
      [20, 4],
    ]);
  });

  test('doesn’t name one request in the line that counts many', () => {
    const { log, lines } = createLog(1);
    runInRequest({ requestId: 'ks_1' }, () => {
      for (let number = 0; number < 5; number += 1) log.warn({}, 'request rejected');
    });
    vi.advanceTimersByTime(60_000);
    expect(lines.map(({ requestId }) => requestId)).toEqual(['ks_1', undefined]);
  });
});
