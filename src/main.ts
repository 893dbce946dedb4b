import { enableCompileCache } from 'node:module';
import { exitCode } from './cli/exit-code.ts';
import { endOnSignal } from './end-on-signal.ts';
import { resolveDrizzleFast } from './resolve-drizzle-fast.ts';
import { readStartArguments, startUsage } from './start-arguments.ts';

enableCompileCache();
resolveDrizzleFast();
const ending = endOnSignal();
const startArguments = readStartArguments(process.argv.slice(2));
if (startArguments === undefined) {
  process.stderr.write(`${startUsage}\n`);
  process.exit(exitCode.usage);
}
// Loading takes a second or more on a small machine: signals are heard meanwhile.
const { startFromSettings } = await import('./start-from-settings.ts');
await startFromSettings(ending, startArguments);
