import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { settledWithin, withDeadline } from '../../src/net/deadline.ts';

const LONG_MS = 60_000;
const never = new Promise<never>(() => {});

describe('work with a deadline', () => {
  test('returns the result of work that finishes in time', async () => {
    expect(await withDeadline({ timeoutMs: LONG_MS }, async () => 'done')).toBe('done');
  });

  test('rejects with the error of work that fails in time', async () => {
    const failing = withDeadline({ timeoutMs: LONG_MS }, async () => {
      throw new TypeError('broken');
    });

    await expect(failing).rejects.toThrow(new TypeError('broken'));
  });

  test('rejects with a TimeoutError at the deadline, even when the work ignores its signal', async () => {
    let signal: AbortSignal | undefined;
    const late = withDeadline({ timeoutMs: 10 }, (given) => {
      signal = given;
      return never;
    });

    await expect(late).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(signal?.aborted).toBe(true);
  });

  test('reports the deadline rather than the error that the aborted work fails with', async () => {
    const late = withDeadline({ timeoutMs: 10 }, async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new Error('socket closed');
    });

    await expect(late).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('rejects with the reason of the caller when the caller aborts first', async () => {
    const caller = new AbortController();
    const cancelled = withDeadline({ timeoutMs: LONG_MS, signal: caller.signal }, () => never);
    caller.abort(new Error('shutting down'));

    await expect(cancelled).rejects.toThrow('shutting down');
  });

  test('is not started when the caller has already aborted', async () => {
    let isStarted = false;
    const signal = AbortSignal.abort(new Error('shutting down'));
    const cancelled = withDeadline({ timeoutMs: LONG_MS, signal }, async () => {
      isStarted = true;
    });

    await expect(cancelled).rejects.toThrow('shutting down');
    expect(isStarted).toBe(false);
  });

  test('leaves no timer running after it finished', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());

    await withDeadline({ timeoutMs: LONG_MS }, async () => expect(vi.getTimerCount()).toBe(1));
    await settledWithin(Promise.resolve(), LONG_MS);

    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a promise that is waited for with a limit', () => {
  test('gives its value when it settles in time, undefined included', async () => {
    expect(await settledWithin(Promise.resolve('early'), LONG_MS)).toEqual({ value: 'early' });
    expect(await settledWithin(Promise.resolve(undefined), LONG_MS)).toEqual({ value: undefined });
  });

  test('rejects when it rejects in time', async () => {
    await expect(settledWithin(Promise.reject(new Error('broken')), LONG_MS)).rejects.toThrow('broken');
  });

  test('returns undefined when the time runs out, and a later rejection is not unhandled', async () => {
    const { promise, reject } = Promise.withResolvers<never>();

    expect(await settledWithin(promise, 10)).toBeUndefined();

    reject(new Error('too late to matter'));
    await new Promise(setImmediate);
  });
});
