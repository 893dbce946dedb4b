import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitWords } from '../../../src/slack/listeners/commands/parse-command.ts';

describe('The words of a command', () => {
  test.each([
    ['plain words', 'sa new nightly-eval', ['sa', 'new', 'nightly-eval']],
    ['nothing', '', []],
    ['spaces alone', ' \t\u00a0 ', []],
    ['double quotes around spaces', 'new "nightly eval"', ['new', 'nightly eval']],
    ['single quotes around spaces', "new 'nightly eval'", ['new', 'nightly eval']],
    ['quotes inside a word', 'night"ly-ev"al', ['nightly-eval']],
    ['a quote that is never closed', 'new "nightly eval', ['new', 'nightly eval']],
    ['an empty pair of quotes', 'new ""', ['new', '']],
    ['quotes of many languages', '“a” „b‟ «c» ‘d’ ‚e‛ ＂f＂ ＇g＇', ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
    ['unusual spaces', 'a\u00a0b\u2003c\u3000d\u2028e\u202ff', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['a dash that a phone made of two hyphens', '—team –team ―team', ['--team', '--team', '--team']],
    ['a dash and a hyphen', '—-team', ['--team']],
    ['a dash inside a word', 'nightly—eval nightly‑eval nightly−eval', Array(3).fill('nightly-eval')],
    ['a dash alone', 'a — b', ['a', '-', 'b']],
  ])('%s: %j', (_what, text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  test.each([
    ['zero-width space', '\u200b'],
    ['zero-width joiner', '\u200d'],
    ['right-to-left mark', '\u200f'],
    ['right-to-left override', '\u202e'],
    ['word joiner', '\u2060'],
    ['isolate', '\u2066'],
    ['byte order mark', '\ufeff'],
    ['soft hyphen', '\u00ad'],
    ['tag letter', '\u{e0061}'],
  ])('an invisible character changes nothing: %s', (_name, character) => {
    expect(splitWords(`n${character}ew${character}`)).toEqual(['new']);
  });

  test('whatever is typed gives words without spaces around them, quotes or invisible characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        for (const word of splitWords(text)) expect(word).not.toMatch(/["'\p{Cf}]/u);
      }),
    );
  });
});
