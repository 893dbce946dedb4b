import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { JOB_KINDS } from '../src/application/ports/job-store.ts';
import {
  AUDIT_NOUNS,
  AUDIT_SHAPE,
  HELP,
  TEAM_VERBS,
  VERBS,
} from '../src/slack/listeners/commands/command-words.ts';
import { parseCommand } from '../src/slack/listeners/commands/parse-command.ts';

const ROOT = join(import.meta.dirname, '..');
const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8');

/** GitHub's anchor for a heading. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

function anchorsOf(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

/** Every relative link and picture of a page: the file, and the anchor in it. */
function linksOf(page: string): { file: string; anchor: string | undefined }[] {
  const markdown = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)];
  const html = [...textOf(page).matchAll(/(?:src|srcset|href)="([^"]+)"/g)];
  return [...markdown, ...html]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', anchor] = link.split('#');
      const file = path === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), path));
      return { file, anchor };
    });
}

describe.each(pages)('%s', (page) => {
  test('links only to files and headings that exist', () => {
    const broken = linksOf(page).filter(({ file, anchor }) => {
      if (!existsSync(join(ROOT, file))) return true;
      if (anchor === undefined) return false;
      return statSync(join(ROOT, file)).isDirectory() || !anchorsOf(file).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('names only npm scripts that exist', () => {
    const named = [...textOf(page).matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });

  test('names only files of the project that exist', () => {
    const named = [...textOf(page).matchAll(/`((?:src|test|drizzle|docs)\/[\w./-]+)`/g)].map(
      ([, file = '']) => file,
    );
    expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });
});

test('the README has at most 150 lines', () => {
  expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(151);
});

test('every page of docs is linked from another page', () => {
  const linked = new Set(pages.flatMap((page) => linksOf(page).map(({ file }) => file)));
  const isLinked = (page: string) =>
    linked.has(page) || (page.endsWith('/README.md') && linked.has(dirname(page)));
  expect(pages.filter((page) => page !== 'README.md' && !isLinked(page))).toEqual([]);
});

test('every npm script for contributors is explained in the docs', () => {
  const text = pages.map(textOf).join('\n');
  const isNamed = (name: string) => new RegExp(`npm (run (--silent )?)?${name}\\b`).test(text);
  const internal = ['bundle'];
  expect(
    Object.keys(packageJson.scripts).filter((name) => !internal.includes(name) && !isNamed(name)),
  ).toEqual([]);
});

describe('.env.example', () => {
  test('names only settings of docs/settings.md', () => {
    const named = [...textOf('.env.example').matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !textOf('docs/settings.md').includes(`| \`${name}\` |`))).toEqual([]);
  });
});

/** The commands in the first column of a page's tables, with what brackets enclose and a value for each option. */
function commandsOf(page: string): string[] {
  const cells = [...textOf(page).matchAll(/^\| (`\/wandb [^|]*) \|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => {
    const commands = [...cell.matchAll(/`(?:\/wandb )?([^`]+)`/g)].map(([, command = '']) => command);
    return commands.map((command) =>
      command.replaceAll(/[[\]]/g, '').replace('--status S', '--status active'),
    );
  });
}

describe.each(['README.md', 'docs/slack.md'])('the commands in %s', (page) => {
  test('are commands that Keysmith parses, with all their options', () => {
    const commands = commandsOf(page);
    expect(commands).toContain('help');
    const mistakes = ['not_understood', 'unknown_status', 'name_missing', 'value_missing', 'too_much'];
    expect(commands.filter((command) => mistakes.includes(parseCommand(command).kind))).toEqual([]);
  });
});

test('docs/slack.md has a row of its own for each command, with every option that it takes', () => {
  const cells = [...textOf('docs/slack.md').matchAll(/^\| (`\/wandb [^|]*) \|/gm)].map(
    ([, cell = '']) => cell,
  );
  const rowsOf = (command: string) => cells.filter((cell) => cell.startsWith(`\`/wandb ${command}`));
  const expected = [
    ...Object.entries(VERBS).map(([verb, { options }]) => ({ command: `service-account ${verb}`, options })),
    ...Object.entries(TEAM_VERBS).map(([verb, { options }]) => ({ command: `team ${verb}`, options })),
    { command: AUDIT_NOUNS[0] ?? '', options: AUDIT_SHAPE.options },
    { command: HELP[0] ?? '', options: [] },
  ];
  for (const { command, options } of expected) {
    const rows = rowsOf(command);
    expect(rows, command).toHaveLength(1);
    const named = [...(rows[0] ?? '').matchAll(/--([a-z]+)/g)].map(([, option]) => option);
    expect(named.toSorted(), command).toEqual([...options].toSorted());
  }
  expect(cells).toHaveLength(expected.length);
});

test('docs/architecture.md explains every kind of job', () => {
  const text = textOf('docs/architecture.md');
  expect(JOB_KINDS.filter((kind) => !text.includes(`| \`${kind}\` |`))).toEqual([]);
});
