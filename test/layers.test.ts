import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A file, and what it imports that it must not. */
const violations: [file: string, imported: string][] = [
  ['src/domain/x.ts', '../slack/reply.ts'],
  ['src/domain/x.ts', '../application/ports.ts'],
  ['src/domain/x.ts', '../application/ports/store.ts'],
  ['src/domain/x.ts', '../store/sqlite-store.ts'],
  ['src/domain/x.ts', '../backends/builtin/peppers.ts'],
  ['src/domain/x.ts', '../api/http-server.ts'],
  ['src/domain/x.ts', '../cli/exit-code.ts'],
  ['src/domain/x.ts', '../sandbox/local-slack.ts'],
  ['src/domain/x.ts', '../config.ts'],
  ['src/domain/x.ts', '../main.ts'],
  ['src/domain/x.ts', '@slack/bolt'],
  ['src/domain/x.ts', 'drizzle-orm'],
  ['src/domain/x.ts', 'better-sqlite3'],
  ['src/domain/x.ts', 'fastify'],
  ['src/domain/x.ts', 'pino'],
  ['src/domain/x.ts', 'undici'],
  ['src/domain/x.ts', 'node:fs'],
  ['src/domain/x.ts', 'node:http'],
  ['src/domain/x.ts', 'node:net'],
  ['src/application/x.ts', '../slack/reply.ts'],
  ['src/application/x.ts', '../store/sqlite-store.ts'],
  ['src/application/ports/x.ts', '../../store/sqlite-store.ts'],
  ['src/application/x.ts', '../backends/builtin/peppers.ts'],
  ['src/application/x.ts', '../sandbox/local-slack.ts'],
  ['src/application/x.ts', '../config.ts'],
  ['src/application/x.ts', '../main.ts'],
  ['src/application/x.ts', 'better-sqlite3'],
  ['src/application/x.ts', '@slack/web-api'],
  ['src/application/x.ts', 'node:fs'],
  ['src/store/x.ts', '../slack/reply.ts'],
  ['src/store/x.ts', '../backends/builtin/peppers.ts'],
  ['src/store/x.ts', '../main.ts'],
  ['src/backends/builtin/x.ts', '../../store/sqlite-store.ts'],
  ['src/backends/builtin/x.ts', '../../slack/reply.ts'],
  ['src/backends/builtin/x.ts', '../../main.ts'],
  ['src/slack/x.ts', '../store/sqlite-store.ts'],
  ['src/slack/messages/x.ts', '../../backends/builtin/peppers.ts'],
  ['src/slack/x.ts', '../api/http-server.ts'],
  ['src/slack/x.ts', '../sandbox/local-slack.ts'],
  ['src/slack/x.ts', '../config.ts'],
  ['src/slack/x.ts', '../main.ts'],
  ['src/api/x.ts', '../store/sqlite-store.ts'],
  ['src/api/x.ts', '../slack/reply.ts'],
  ['src/api/x.ts', '../main.ts'],
  ['src/sandbox/x.ts', '../domain/secret.ts'],
  ['src/sandbox/web-api/x.ts', '../../domain/secret.ts'],
  ['src/sandbox/x.ts', '../application/ports.ts'],
  ['src/sandbox/x.ts', '../slack/reply.ts'],
  ['src/sandbox/x.ts', '../store/sqlite-store.ts'],
  ['src/sandbox/x.ts', '../cli/manifest.ts'],
  ['src/sandbox/x.ts', '../config.ts'],
  ['src/sandbox/x.ts', '../main.ts'],
  ['src/domain/x.ts', 'node:fs/promises'],
  ['src/domain/x.ts', 'drizzle-orm/better-sqlite3'],
  ['src/domain/x.ts', 'node:child_process'],
  ['src/domain/x.ts', '../config/environment.ts'],
  ['src/domain/x.ts', '../log/create-logger.ts'],
  ['src/domain/x.ts', '../net/outbound-fetch.ts'],
  ['src/domain/x.ts', '../teams-file/teams-file.ts'],
  ['src/domain/x.ts', '../start-keysmith.ts'],
  ['src/application/x.ts', 'node:fs/promises'],
  ['src/application/x.ts', 'drizzle-orm/better-sqlite3'],
  ['src/application/x.ts', '../config/environment.ts'],
  ['src/application/x.ts', '../net/outbound-fetch.ts'],
  ['src/application/x.ts', '../start-keysmith.ts'],
  ['src/slack/x.ts', '../start-keysmith.ts'],
  ['src/sandbox/web-api/x.ts', '../../slack/reply.ts'],
  ['src/sandbox/x.ts', '../log/create-logger.ts'],
  ['src/sandbox/x.ts', '../net/outbound-fetch.ts'],
  ['src/sandbox/x.ts', '../config/environment.ts'],
  ['src/sandbox/x.ts', '../teams-file/sandbox-teams.ts'],
  ['src/sandbox/x.ts', '../start-keysmith.ts'],
  ['src/sandbox/x.ts', '../nearest-name.ts'],
  ['src/cli/x.ts', '../main.ts'],
  ['src/log/x.ts', '../main.ts'],
  ['src/net/x.ts', '../slack/reply.ts'],
  ['src/net/x.ts', '../main.ts'],
  ['src/config/x.ts', '../main.ts'],
  ['src/teams-file/x.ts', '../main.ts'],
  ['src/start-x.ts', './main.ts'],
];

/** The ways in which a file may take something from another. */
const forms: [form: string, source: (imported: string) => string][] = [
  ['by import', (from) => `import { one } from '${from}';\nexport const two = one;\n`],
  ['for its types alone', (from) => `import type { One } from '${from}';\nexport type Two = One;\n`],
  ['by export', (from) => `export * from '${from}';\n`],
  ['for its effects', (from) => `import '${from}';\n`],
  ['late', (from) => `export const late = () => import('${from}');\n`],
];

/** A working tree of its own: the real one is never touched. */
let tree: string;
beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'keysmith-layers-'));
  copyFileSync(join(ROOT, '.biome.jsonc'), join(tree, '.biome.jsonc'));
  writeFileSync(join(tree, '.gitignore'), 'node_modules\n');
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

function write(file: string, source: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), source);
}

/** Which rule found something in which file: `noRestrictedImports src/domain/x.ts`. */
function findings(folder: string): Set<string> {
  const biome = join(ROOT, 'node_modules/.bin/biome');
  const run = ['lint', '--reporter=github', '--max-diagnostics=none', folder];
  let output = '';
  try {
    output = execFileSync(biome, run, { cwd: tree, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  const found = output.matchAll(/title=lint\/\w+\/(\w+),file=([^,]+)/g);
  return new Set([...found].map(([, rule, file]) => `${rule} ${file?.replace(/^.*?(?=src\/)/, '')}`));
}

describe('An import that runs upward is caught', () => {
  let found: Set<string>;
  const fileOf = (form: number, index: number, file: string) =>
    file.replace('x.ts', `planted-${form}-${index}.ts`);
  beforeAll(() => {
    for (const [form, [, source]] of forms.entries()) {
      for (const [index, [file, imported]] of violations.entries())
        write(fileOf(form, index, file), source(imported));
    }
    found = findings('src');
  });

  test.each(forms.map(([name], form): [string, number] => [name, form]))('%s', (_name, form) => {
    const missed = violations.filter(
      ([file], index) => !found.has(`noRestrictedImports ${fileOf(form, index, file)}`),
    );

    expect(missed).toEqual([]);
  });
});

test('what imports downward is let through', () => {
  const allowed: [string, string][] = [
    ['src/slack/fine.ts', '../application/ports.ts'],
    ['src/slack/fine-too.ts', '../domain/secret.ts'],
    ['src/application/fine.ts', '../domain/secret.ts'],
    ['src/store/fine.ts', '../application/ports/store.ts'],
    ['src/backends/builtin/fine.ts', '../../domain/secret.ts'],
    ['src/api/fine.ts', '../application/ports.ts'],
    ['src/sandbox/fine.ts', './block-kit/view.ts'],
    ['src/start-fine.ts', './slack/reply.ts'],
  ];
  for (const [file, imported] of allowed)
    write(file, `import { one } from '${imported}';\nexport const two = one;\n`);

  const found = findings('src');

  expect(allowed.filter(([file]) => [...found].some((finding) => finding.endsWith(` ${file}`)))).toEqual([]);
});

test('a circle of imports is caught', () => {
  write('src/domain/circle-a.ts', "import { b } from './circle-b.ts';\nexport const a = () => b;\n");
  write('src/domain/circle-b.ts', "import { a } from './circle-a.ts';\nexport const b = () => a;\n");

  expect(findings('src/domain')).toContain('noImportCycles src/domain/circle-a.ts');
});

test('a promise that nobody waits for is caught', () => {
  write(
    'src/domain/floating.ts',
    'async function late(): Promise<void> {}\nexport function now(): void {\n  late();\n}\n',
  );

  expect(findings('src/domain')).toContain('noFloatingPromises src/domain/floating.ts');
});
