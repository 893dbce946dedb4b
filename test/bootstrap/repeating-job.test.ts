import { expect, test } from 'vitest';
import { startRepeating } from '../../src/bootstrap/background-jobs.ts';

test('A hundred wake-ups during a run of a repeating job lead to one more run', async () => {
  let runs = 0;
  const job = startRepeating(
    async () => {
      runs += 1;
      await new Promise((resolve) => setImmediate(resolve));
    },
    { everyMs: 60_000, onError: () => {} },
  );
  await expect.poll(() => runs).toBe(1);
  await Promise.all(Array.from({ length: 100 }, () => job.now()));
  expect(runs).toBe(2);
  await job.now();
  expect(runs).toBe(3);
  await job.stop();
});
