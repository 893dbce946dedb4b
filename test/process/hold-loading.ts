import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Preloaded with `--import`: says when the program is about to be loaded, and holds that until the pipe is written to. */
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier.endsWith('/start-from-settings.ts')) {
      process.stdout.write('loading\n');
      readFileSync('go-on');
    }
    return nextResolve(specifier, context);
  },
});
