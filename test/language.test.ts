import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** Phrases that plain English says differently, with what to write. */
const phrases: [pattern: RegExp, instead: string][] = [
  [/\banew\b/i, 'again'],
  [/\bshall\b/i, 'will, should'],
  [/\bwhoever\b/i, 'the person who, your Keysmith administrator'],
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
  [/\bto be had\b/i, 'available'],
  [/\bletter for letter\b/i, 'exactly'],
  [/\bby hand\b/i, 'manually'],
  [/\bmade by this form\b/i, 'created from this form'],
  [/\bis there\b(?! (a|an|any|no|one|something|anything)\b)/i, 'was created, exists'],
  [/\b(stands?|stood)\b(?! in for\b| for\b|-in)/i, 'is, appears'],
  [/\btold\b/i, 'notified'],
  [/\b(Keysmith|server|route|function|method) answers\b/i, 'returns, responds'],
  [/(?<!\bthere )\bis no (?!(longer|other|more|less|better|different)\b)/i, 'is not a'],
  [/\bsaid to be\b/i, 'reported as'],
  [/\bcut(s|ting)?[ -]off\b/i, 'revoke'],
  [/\bnobody can say\b/i, "we don't know"],
  [/\bcan not\b/i, "can't, cannot"],
  [/\bfor ever\b/i, 'forever'],
  [/\bput(s|ting)? (\w+ )?right\b/i, 'fix'],
  [/\bbelongs? into\b/i, 'belongs in'],
  [/\bdead keys?\b/i, 'revoked key'],
  [/\bof its own accord\b/i, 'automatically'],
  [/\bsomebody\b/i, 'someone'],
  [/\bas (it|they|you) likes?\b/i, 'any number of, without a limit'],
  [/\bin this moment\b/i, 'in the meantime, just now'],
  [/\b(operators?|administrators?) of Keysmith\b/i, 'your Keysmith administrator'],
  [/\b(W&B|Slack|GitHub) answer(s|ed)\b/i, 'returns, responds'],
];

/** Quotations of others, which keep their words: the file, and the quoted text. */
const quotations: [file: string, text: string][] = [];

function filesUnder(path: string): string[] {
  if (!existsSync(join(ROOT, path))) return [];
  if (statSync(join(ROOT, path)).isFile()) return [path];
  return readdirSync(join(ROOT, path)).flatMap((name) => filesUnder(`${path}/${name}`));
}

const THIS_FILE = 'test/language.test.ts';
const files = ['src', 'test', 'docs', 'README.md', 'manifest.yml']
  .flatMap(filesUnder)
  .filter((file) => file !== THIS_FILE && /\.(tsx?|css|html|md|ya?ml|json|sh|sql)$/.test(file));

function withoutQuotations(file: string, text: string): string {
  return quotations
    .filter(([quotedIn]) => quotedIn === file)
    .reduce((rest, [, quoted]) => rest.replaceAll(quoted, ''), text);
}

// A phrase may break over two lines of a comment.
const joined = (text: string) => text.replace(/\n\s*(\*|\/\/|#|>)?\s*/g, ' ');

const texts = files.map((file) => ({
  file,
  text: joined(withoutQuotations(file, readFileSync(join(ROOT, file), 'utf8'))),
}));

test.each(phrases)('no text contains %s', (pattern, instead) => {
  const everywhere = new RegExp(pattern.source, `${pattern.flags}g`);
  const found = texts.flatMap(({ file, text }) =>
    [...text.matchAll(everywhere)].map(
      ({ index }) => `${file}: …${text.slice(Math.max(0, index - 40), index + 40)}…`,
    ),
  );

  expect(found, `write: ${instead}`).toEqual([]);
});

test('every allowed quotation is still there to be allowed', () => {
  const stale = quotations.filter(
    ([file, text]) => !existsSync(join(ROOT, file)) || !readFileSync(join(ROOT, file), 'utf8').includes(text),
  );
  expect(stale).toEqual([]);
});

test('every test title has at least three words', () => {
  const TITLE =
    /^\s*(?:test|it)(?:\.(?:skipIf|runIf|concurrent|sequential)\([^)]*\)|\.concurrent|\.sequential)?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gm;
  const short = files
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(TITLE)]
        .filter(([, , title = '']) => title.trim().split(/\s+/).length < 3)
        .map(([, , title]) => `${file}: ${title}`),
    );
  expect(short).toEqual([]);
});
