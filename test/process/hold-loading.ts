import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Preloaded with `--import`. Prints a line before the program is loaded, then waits until the test writes to a pipe. */
registerHooks({
  load(url, context, nextLoad) {
    if (url.endsWith('/start-from-settings.ts')) {
      process.stdout.write('loading\n');
      readFileSync('continue');
    }
    return nextLoad(url, context);
  },
});
