import { matchesGlob, relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests in a real browser. */
const browser = ['test/browser/**/*.test.ts'];

/** Tests of whole processes: started, signalled, killed. */
const wholeProcess = [
  'test/process/**/*.test.ts',
  'test/cli/command-line.test.ts',
  'test/journeys/delivery/crash/**/*.test.ts',
];

/**
 * Spreads the tests that wait for browsers and processes among the others, which use the processor meanwhile, but starts none of
 * them near the end.
 */
class WaitingAmongOthers extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isWaiting = ({ moduleId }: TestSpecification) =>
      [...browser, ...wholeProcess].some((glob) =>
        matchesGlob(relative(import.meta.dirname, moduleId), glob),
      );
    const sorted = await super.sort(files);
    const waiting = sorted.filter(isWaiting);
    const others = sorted.filter((file) => !isWaiting(file));
    const between = Math.floor((others.length * 0.8) / waiting.length);
    const spread = waiting.flatMap((file, at) => [file, ...others.slice(at * between, (at + 1) * between)]);
    return [...new Set([...spread, ...others])];
  }
}

/** Tests of pure rules, renderers and single modules, without a world around them: `npm run test:unit`. `test/layout.test.ts` checks that. */
export const unit = [
  'test/*.test.ts',
  'test/{application,config,domain,log,net}/**/*.test.ts',
  'test/cli/**/!(command-line).test.ts',
  'test/backends/wandb/{audit-log,client,rest,scim}/**/*.test.ts',
  'test/slack/messages/**/*.test.ts',
  'test/sandbox/page/**/*.test.ts',
];

export default defineConfig({
  test: {
    // Whatever the shell exports: the local servers don't start in production.
    env: { NODE_ENV: 'test' },
    // Processes and browsers take long to start on a busy machine: a generous limit for a hang, never a measure of speed.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // Vitest's own limit of a second is too short while other programs use the processor.
    expect: { poll: { timeout: 20_000, interval: 20 } },
    // Many tests wait for processes and browsers: one worker more than there are cores fills that time.
    maxWorkers: 3,
    // No module holds state, and loading Bolt and Fastify again for each file takes longer than many a file's tests.
    isolate: false,
    // With V8's default of 16 MiB, the garbage of a world's start and stop is copied many times.
    execArgv: [
      '--max-semi-space-size=64',
      `--import=${new URL('test/resolve-imports-fast.ts', import.meta.url)}`,
    ],
    sequence: { sequencer: WaitingAmongOthers },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // The page runs in a browser, and the browser tests cover it.
      exclude: ['src/sandbox/page/**'],
      reporter: ['text-summary', 'text'],
    },
  },
});
