import { enableCompileCache, flushCompileCache } from 'node:module';
import { exitCode } from './bootstrap/exit-code.ts';
import { resolveImportsFast } from './bootstrap/fast-imports.ts';
import { shutDownOnSignal } from './bootstrap/shutdown.ts';
import { readStartArguments, startUsage } from './bootstrap/start-arguments.ts';

enableCompileCache();
resolveImportsFast();
const shutdown = shutDownOnSignal();
const startArguments = readStartArguments(process.argv.slice(2));
if (startArguments === undefined) {
  process.stderr.write(`${startUsage}\n`);
  process.exit(exitCode.usage);
}
// Imported late: loading takes a second or more on a small machine, and the signal handlers must be in place by then.
const { startFromSettings } = await import('./bootstrap/start-from-settings.ts');
await startFromSettings(shutdown, startArguments);
// Node itself writes it at the exit, which a killed process doesn't reach.
flushCompileCache();
