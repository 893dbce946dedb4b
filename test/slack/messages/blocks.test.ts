import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { code, day, escapeMarkup, plainText, quoted } from '../../../src/slack/messages/blocks.ts';
import { anyText } from '../../any-text.ts';

describe('Text in a message', () => {
  test('is escaped, so that Slack reads no link, mention or entity in it', () => {
    expect(escapeMarkup('<!channel> <@U0ADA00001> <https://evil.test|here> &lt;')).toBe(
      '&lt;!channel&gt; &lt;@U0ADA00001&gt; &lt;https://evil.test|here&gt; &amp;lt;',
    );
  });

  test('can’t end the code it is in', () => {
    expect(code('nightly-eval')).toBe('`nightly-eval`');
    expect(code('a`*b*`<@U0ADA00001>')).toBe("`a'*b*'&lt;@U0ADA00001&gt;`");
  });

  test('is plain text without emoji for Slack, too', () => {
    expect(plainText(':key: *bold* <@U1>')).toEqual({
      type: 'plain_text',
      text: ':key: *bold* <@U1>',
      emoji: false,
    });
  });

  test('shows a date in the reader’s locale, with the UTC date as fallback', () => {
    expect(day(Date.UTC(2027, 0, 2, 23, 59, 59, 999))).toBe('<!date^1798934399^{date}|2027-01-02>');
  });

  test.each([
    ['words', 'nightly eval', '“nightly eval”'],
    ['line breaks and runs of spaces', 'a\n\nb \t  c', '“a b c”'],
    ['direction marks', 'a\u202eb\u200fc', '“a b c”'],
    ['control characters', 'a\u0000b\u001bc', '“a b c”'],
    ['exactly 60 characters', 'x'.repeat(60), `“${'x'.repeat(60)}”`],
    ['more than 60 characters', 'x'.repeat(10_000), `“${'x'.repeat(60)}…”`],
    ['emoji, which are never cut in half', '🔑'.repeat(100), `“${'🔑'.repeat(60)}…”`],
  ])('is quoted short, visible and on one line: %s', (_what, typed, shown) => {
    expect(quoted(typed)).toBe(shown);
  });

  test('is quoted on one line with at most 63 visible characters, whatever is typed', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 120 }), (typed) => {
        const shown = quoted(typed);
        expect([...shown].length).toBeLessThanOrEqual(63);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
