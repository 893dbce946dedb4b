import { enableCompileCache } from 'node:module';
import { exitCode } from './bootstrap/exit-code.ts';
import { resolveDrizzleFast } from './bootstrap/resolve-drizzle-fast.ts';
import { endOnSignal } from './bootstrap/shutdown.ts';
import { readStartArguments, startUsage } from './bootstrap/start-arguments.ts';

enableCompileCache();
resolveDrizzleFast();
const ending = endOnSignal();
const startArguments = readStartArguments(process.argv.slice(2));
if (startArguments === undefined) {
  process.stderr.write(`${startUsage}\n`);
  process.exit(exitCode.usage);
}
// Loading takes a second or more on a small machine: signals are heard meanwhile.
const { startFromSettings } = await import('./bootstrap/start-from-settings.ts');
await startFromSettings(ending, startArguments);
