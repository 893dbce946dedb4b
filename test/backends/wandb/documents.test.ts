import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const FOLDERS = ['backends/wandb', 'cli'];

function sources(): [file: string, text: string][] {
  return FOLDERS.flatMap((name) => {
    const folder = fileURLToPath(new URL(`../../../src/${name}`, import.meta.url));
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file): [string, string] => [file, readFileSync(`${folder}/${file}`, 'utf8')]);
  });
}

test.each([
  ['asks a W&B server for its schema', /__type|__schema|IntrospectionQuery/],
  ['creates an API key for the administrator', /generateApiKey/i],
])('no query or mutation of Keysmith %s', (_, pattern) => {
  const files = sources();
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter(([, text]) => pattern.test(text)).map(([file]) => file)).toEqual([]);
});
