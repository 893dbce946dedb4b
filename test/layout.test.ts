import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { unit } from '../vitest.config.ts';

const ROOT = join(import.meta.dirname, '..');

/** Which rooms of `src` each room may import from; every room may import from itself. */
const allowedRooms: Record<string, readonly string[]> = {
  domain: [],
  net: [],
  log: ['domain'],
  sandbox: [],
  application: ['domain'],
  config: ['domain'],
  store: ['application', 'domain'],
  backends: ['application', 'domain', 'net'],
  slack: ['application', 'domain', 'log', 'net'],
  api: ['application', 'domain', 'log', 'net'],
  bootstrap: [
    'api',
    'application',
    'backends',
    'config',
    'domain',
    'log',
    'net',
    'sandbox',
    'slack',
    'store',
  ],
  cli: ['application', 'backends', 'bootstrap', 'config', 'domain', 'net', 'slack', 'store'],
  'main.ts': ['bootstrap'],
};

/** Packages that reach the outside world: only the rooms that implement a port may import them. */
const outsideWorld =
  /^(@slack\/|drizzle-orm|better-sqlite3|fastify|undici|pino$|node:(fs|net|https?|http2|tls|dns|child_process)(\/|$))/;
const roomsWithoutOutsideWorld = ['domain', 'application'];
/** Modules that a room may use beyond its row, because they reach nothing outside the process. */
const allowedModules = new Set(['application src/net/deadline.ts']);
/** The application logs through the type of pino's logger. */
const allowedTypes = new Set(['application pino']);

interface Import {
  file: string;
  /** As written: a package, or a path relative to the file. */
  specifier: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .filter((file) => /\.tsx?$/.test(file));
}

const STATIC = /^(?:import|export)\b(?:[^;'"=]*?\sfrom)?\s*['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g;

/** Every import and re-export of a source text, type-only and dynamic ones included. */
function importsIn(file: string, text: string): Import[] {
  return [...text.matchAll(STATIC), ...text.matchAll(DYNAMIC)].map(([, specifier = '']) => ({
    file,
    specifier,
  }));
}

function targetOf({ file, specifier }: Import): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : undefined;
}

const roomOf = (file: string) => file.split('/')[1] ?? '';

function violationOf(one: Import): string | undefined {
  const room = roomOf(one.file);
  const target = targetOf(one);
  const line = `${one.file} imports ${target ?? one.specifier}`;
  if (target !== undefined) {
    if (!target.startsWith('src/')) return /^(package.json|drizzle\/)/.test(target) ? undefined : line;
    const targetRoom = roomOf(target);
    const isAllowed =
      targetRoom === room ||
      allowedRooms[room]?.includes(targetRoom) ||
      allowedModules.has(`${room} ${target}`);
    return isAllowed ? undefined : line;
  }
  const isAllowed =
    !roomsWithoutOutsideWorld.includes(room) ||
    !outsideWorld.test(one.specifier) ||
    allowedTypes.has(`${room} ${one.specifier}`);
  return isAllowed ? undefined : line;
}

/** Groups of files that import each other in a circle (Tarjan's strongly connected components). */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): number => {
    order.set(file, order.size);
    low.set(file, order.size - 1);
    stack.push(file);
    for (const target of graph.get(file) ?? []) {
      if (!graph.has(target)) continue;
      const reached = order.has(target)
        ? stack.includes(target)
          ? order.get(target)
          : undefined
        : visit(target);
      low.set(file, Math.min(low.get(file) ?? 0, reached ?? Number.POSITIVE_INFINITY));
    }
    if (low.get(file) === order.get(file)) {
      const circle = stack.splice(stack.indexOf(file));
      if (circle.length > 1) circles.push(circle.sort());
    }
    return low.get(file) ?? 0;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles;
}

const files = sourceFiles('src');
const imports = files.flatMap((file) => importsIn(file, readFileSync(join(ROOT, file), 'utf8')));

describe('imports in src', () => {
  test('run downward only', () => {
    expect(imports.map(violationOf).filter((line) => line !== undefined)).toEqual([]);
  });

  test('form no circle, type-only imports included', () => {
    const graph = new Map(files.map((file): [string, string[]] => [file, []]));
    for (const one of imports) graph.get(one.file)?.push(targetOf(one) ?? one.specifier);

    expect(circlesIn(graph)).toEqual([]);
  });

  test('name every room of src in the table of allowed rooms', () => {
    expect(readdirSync(join(ROOT, 'src')).sort()).toEqual(Object.keys(allowedRooms).sort());
  });
});

describe('the import check finds', () => {
  const forms: [form: string, source: (from: string) => string][] = [
    ['a static import', (from) => `import { one } from '${from}';`],
    ['a type-only import', (from) => `import type { One } from '${from}';`],
    ['a re-export', (from) => `export * from '${from}';`],
    ['a side-effect import', (from) => `import '${from}';`],
    ['an import over several lines', (from) => `import {\n  one,\n  two,\n} from '${from}';`],
    ['a dynamic import', (from) => `const late = () => import('${from}');`],
  ];
  test.each(forms)('%s', (_form, source) => {
    expect(importsIn('src/domain/x.ts', source('../slack/reply.ts'))).toEqual([
      { file: 'src/domain/x.ts', specifier: '../slack/reply.ts' },
    ]);
  });

  test.each([
    ['src/domain/x.ts', '../application/ports/store.ts'],
    ['src/domain/x.ts', 'node:fs/promises'],
    ['src/domain/x.ts', 'drizzle-orm/better-sqlite3'],
    ['src/application/x.ts', '../store/sqlite-store.ts'],
    ['src/application/x.ts', '@slack/web-api'],
    ['src/store/x.ts', '../slack/reply.ts'],
    ['src/backends/builtin/x.ts', '../../store/sqlite-store.ts'],
    ['src/slack/messages/x.ts', '../../backends/builtin/peppers.ts'],
    ['src/api/x.ts', '../slack/reply.ts'],
    ['src/sandbox/slack/web-api/x.ts', '../../../slack/reply.ts'],
    ['src/sandbox/x.ts', '../domain/keys/secret.ts'],
    ['src/config/x.ts', '../bootstrap/start-keysmith.ts'],
    ['src/slack/x.ts', '../../test/driver/slack-person.ts'],
    ['src/slack/x.ts', '../main.ts'],
  ])('that %s must not import %s', (file, specifier) => {
    expect(violationOf({ file, specifier })).toBeDefined();
  });

  test('a circle of three files', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['a']],
      ['d', ['a']],
    ]);
    expect(circlesIn(graph)).toEqual([['a', 'b', 'c']]);
  });
});

describe('files and folders of src', () => {
  test('are in folders, except main.ts', () => {
    const outside = readdirSync(join(ROOT, 'src')).filter((name) =>
      statSync(join(ROOT, 'src', name)).isFile(),
    );
    expect(outside).toEqual(['main.ts']);
  });

  test('have at most 300 lines each', () => {
    const long = files.filter((file) => readFileSync(join(ROOT, file), 'utf8').split('\n').length > 301);
    expect(long).toEqual([]);
  });

  test('use no `using` declaration, which Node 22 cannot parse', () => {
    const using = files.filter((file) =>
      /^\s*(await )?using \w+ =/m.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(using).toEqual([]);
  });

  test('have meaningful names', () => {
    const vague = files.filter((file) => /(^|\/)(utils?|helpers?|common|misc|index)(\.tsx?$|\/)/.test(file));
    expect(vague).toEqual([]);
  });
});

/** About twelve files side by side; beyond that, add a folder. */
const MAX_FILES_SIDE_BY_SIDE = 14;

test.each(['src', 'test'])('no folder of %s holds more than about twelve files', (top) => {
  const counts = new Map<string, number>();
  for (const file of readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })) {
    const path = join(ROOT, top, file);
    if (statSync(path).isFile()) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  }
  const crowded = [...counts].filter(([, count]) => count > MAX_FILES_SIDE_BY_SIDE);
  expect(crowded.map(([folder, count]) => `${relative(ROOT, folder)}: ${count}`)).toEqual([]);
});

/** Modules that start a whole world: a Keysmith, a local Slack, a browser. */
const WORLD =
  /^(src\/bootstrap\/start-(keysmith|sandbox)\.ts|src\/sandbox\/slack\/local-slack\.ts|playwright-core)$/;

/** The first path of imports from a file into a world. */
function pathToWorld(file: string, seen = new Set<string>()): string[] | undefined {
  seen.add(file);
  for (const one of importsIn(file, readFileSync(join(ROOT, file), 'utf8'))) {
    const target = targetOf(one) ?? one.specifier;
    if (WORLD.test(target)) return [file, target];
    if (!/^(src|test)\/.*\.tsx?$/.test(target) || seen.has(target)) continue;
    const path = pathToWorld(target, seen);
    if (path) return [file, ...path];
  }
  return undefined;
}

test('no unit test starts a world', () => {
  const files = globSync(unit, { cwd: ROOT });
  expect(files.length).toBeGreaterThan(50);
  expect(files.map((file) => pathToWorld(file)).filter((path) => path !== undefined)).toEqual([]);
});

describe('the production dependencies', () => {
  /** Packages imported by code that runs in production; `import type` leaves nothing behind. */
  const imported = new Set(
    files
      .filter((file) => !file.startsWith('src/sandbox/'))
      .flatMap((file) => {
        const text = readFileSync(join(ROOT, file), 'utf8').replace(/^import type [^;]*;$/gm, '');
        return importsIn(file, text).map(({ specifier }) => specifier);
      })
      .filter((specifier) => !/^(\.|node:)/.test(specifier))
      .map((specifier) =>
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      ),
  );
  const installed = Object.keys(packageJson.dependencies);

  test('include every package that code outside the sandbox imports', () => {
    expect([...imported].filter((name) => !installed.includes(name))).toEqual([]);
  });

  test('include nothing that only the sandbox imports', () => {
    expect(installed.filter((name) => !imported.has(name))).toEqual([]);
  });
});
