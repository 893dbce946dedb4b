import { enableCompileCache } from 'node:module';
import { endOnSignal } from './end-on-signal.ts';
import { resolveDrizzleFast } from './resolve-drizzle-fast.ts';

enableCompileCache();
resolveDrizzleFast();
const ending = endOnSignal();
// Loading takes a second or more on a small machine: signals are heard meanwhile.
const { startFromSettings } = await import('./start-from-settings.ts');
await startFromSettings(ending);
