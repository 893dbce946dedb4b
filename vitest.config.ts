import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Two cores, real servers and a browser: a generous bound for a hang, never a measure of speed.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Many tests wait for processes and browsers: two more workers than cores fill the time.
    maxWorkers: 3,
    // No module holds state, and loading Bolt and Fastify anew for each file takes longer than many a file's tests.
    isolate: false,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // The page runs in a browser and is walked by the browser tests.
      exclude: ['src/sandbox/page/**'],
      reporter: ['text-summary', 'text'],
    },
  },
});
