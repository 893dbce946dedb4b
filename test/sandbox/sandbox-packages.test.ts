import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { SANDBOX_PACKAGES } from '../../src/bootstrap/start-from-settings.ts';

const packageOf = (name: string) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? '';

test('The start checks that every development dependency of the sandbox is installed', () => {
  const folder = join(import.meta.dirname, '../../src/sandbox');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const imported = files
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(
        /^import (?!type )[^;]*?'([^'.][^']*)';$|(?<=await import\(')[^']+/gm,
      ),
    ])
    .map(([whole, name = whole]) => packageOf(name));
  const needed = new Set(imported.filter((name) => name in packageJson.devDependencies));

  expect([...needed].sort()).toEqual(SANDBOX_PACKAGES.map(packageOf));
});
