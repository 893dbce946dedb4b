import { resolveImportsFast } from '../src/bootstrap/fast-imports.ts';

/* Loaded by each process that runs tests, as Keysmith's own start does: drizzle-orm's `package.json` is read once, not for each file. */
resolveImportsFast();
