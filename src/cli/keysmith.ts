import { randomBytes } from 'node:crypto';
import { resolveImportsFast } from '../bootstrap/fast-imports.ts';
import type { ConfigResult } from '../config/configuration.ts';
import { loadConfig } from '../config/load-config.ts';
import { createOutbound, type Outbound } from '../net/outbound-fetch.ts';
import { runCommandLine } from './command-line.ts';
import { createClackPrompt, readInput } from './prompt.ts';

let loaded: ConfigResult | undefined;
let outbound: Outbound | undefined;

/** Created at the first call, once the settings are known. `manifest` and `help` need neither. */
const outboundFetch: typeof fetch = (input, init) => {
  const config = loaded?.ok ? loaded.config : undefined;
  outbound ??= createOutbound({ noProxy: config?.kind === 'live' ? config.noProxy : undefined });
  return outbound.fetch(input, init);
};

process.exitCode = await runCommandLine(process.argv.slice(2), {
  loadConfig: () => {
    loaded = loadConfig();
    return loaded;
  },
  cwd: process.cwd(),
  print: (line) => console.log(line),
  printError: (line) => console.error(line),
  isTerminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
  prompt: createClackPrompt(),
  fetch: outboundFetch,
  inspectDatabase: async (file, mode, options) => {
    resolveImportsFast();
    const { inspectDatabase } = await import('../store/database/inspect-database.ts');
    return inspectDatabase(file, mode, options);
  },
  openStores: async (options) => {
    resolveImportsFast();
    const { openSqliteStores } = await import('../store/sqlite-store.ts');
    return openSqliteStores(options);
  },
  readInput: () => readInput(process.stdin),
  input: process.stdin,
  randomBytes,
  now: Date.now,
  nodeVersion: process.versions.node,
  timeoutMs: 10_000,
});
await outbound?.close();
