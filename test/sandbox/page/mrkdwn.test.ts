import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emojiGlyph } from '../../../src/sandbox/page/mrkdwn/emoji.ts';
import { type MrkdwnNode, parseMrkdwn } from '../../../src/sandbox/page/mrkdwn/mrkdwn.ts';
import { formatSlackDate } from '../../../src/sandbox/page/mrkdwn/slack-date.ts';
import { startCpuTime } from '../../cpu-time.ts';

const text = (content: string): MrkdwnNode => ({ type: 'text', text: content });
const bold = (...children: MrkdwnNode[]): MrkdwnNode => ({ type: 'bold', children });
const italic = (...children: MrkdwnNode[]): MrkdwnNode => ({ type: 'italic', children });
const strike = (...children: MrkdwnNode[]): MrkdwnNode => ({ type: 'strike', children });
const code = (...children: MrkdwnNode[]): MrkdwnNode => ({ type: 'code', children });
const preformatted = (...children: MrkdwnNode[]): MrkdwnNode => ({ type: 'preformatted', children });
const quote = (...children: MrkdwnNode[]): MrkdwnNode => ({ type: 'quote', children });
const link = (url: string, label: string): MrkdwnNode => ({ type: 'link', url, label });

describe('mrkdwn styles', () => {
  test('bold, italic, strike and code are distinguished', () => {
    expect(parseMrkdwn('*b* _i_ ~s~ `c`')).toEqual([
      bold(text('b')),
      text(' '),
      italic(text('i')),
      text(' '),
      strike(text('s')),
      text(' '),
      code(text('c')),
    ]);
  });

  test('styles nest in each other', () => {
    expect(parseMrkdwn('*a _b ~c~_*')).toEqual([bold(text('a '), italic(text('b '), strike(text('c'))))]);
  });

  test.each([
    '2 * 3 * 4',
    'snake_case_name',
    'a*b*c',
    '* open',
    '*open',
    '**',
    '~ ~',
    '*a\nb*',
    '``',
    '_ a _',
  ])('%j contains no style', (written) => {
    expect(parseMrkdwn(written)).toEqual([text(written)]);
  });

  test('only references are parsed inside code', () => {
    expect(parseMrkdwn('`*a* :tada: https://a.test <@U0ADA00001>`')).toEqual([
      code(text('*a* :tada: https://a.test '), { type: 'user', id: 'U0ADA00001' }),
    ]);
  });

  test('a style doesn’t end inside code or a reference', () => {
    expect(parseMrkdwn('*a `*` <https://a.test/*|b*> c*')).toEqual([
      bold(text('a '), code(text('*')), text(' '), link('https://a.test/*', 'b*'), text(' c')),
    ]);
  });
});

describe('mrkdwn lines', () => {
  test('three backticks make a block without its outer line breaks', () => {
    expect(parseMrkdwn('Paste:\n```\nexport A=*b*\n_c_\n```\nDone')).toEqual([
      text('Paste:'),
      preformatted(text('export A=*b*\n_c_')),
      text('Done'),
    ]);
  });

  test('three backticks without an end stay text', () => {
    expect(parseMrkdwn('a ```b')).toEqual([text('a ```b')]);
  });

  test('adjacent lines that begin with > form one quote, escaped or not', () => {
    expect(parseMrkdwn('a\n&gt; *b*\n>c\nd')).toEqual([
      text('a'),
      quote(bold(text('b')), text('\nc')),
      text('d'),
    ]);
  });

  test('>>> quotes everything after it', () => {
    expect(parseMrkdwn('&gt;&gt;&gt; a\nb\n\nc')).toEqual([quote(text('a\nb\n\nc'))]);
  });
});

describe('mrkdwn references', () => {
  test('people, conversations, groups and broadcasts become mentions', () => {
    expect(parseMrkdwn('<@U0ADA00001><#C0MLPLAT01|ml-platform><!subteam^S012AB|@oncall><!here>')).toEqual([
      { type: 'user', id: 'U0ADA00001' },
      { type: 'channel', id: 'C0MLPLAT01', label: 'ml-platform' },
      { type: 'usergroup', id: 'S012AB', label: '@oncall' },
      { type: 'broadcast', range: 'here' },
    ]);
  });

  test('the label of a link is taken literally', () => {
    expect(parseMrkdwn('<https://a.test/?a=1&amp;b=2|*see* &lt;here&gt;>')).toEqual([
      link('https://a.test/?a=1&b=2', '*see* <here>'),
    ]);
  });

  test('a bare URL becomes a link without its trailing punctuation unless the text is verbatim', () => {
    expect(parseMrkdwn('See https://a.test/b?c=1&amp;d=2.')).toEqual([
      text('See '),
      link('https://a.test/b?c=1&d=2', 'https://a.test/b?c=1&d=2'),
      text('.'),
    ]);
    expect(parseMrkdwn('See https://a.test', { verbatim: true })).toEqual([text('See https://a.test')]);
  });

  test('a date has a timestamp, a format and a fallback', () => {
    expect(parseMrkdwn('<!date^1392734382^{date_num} {time_secs}^https://a.test|Feb 18>')).toEqual([
      {
        type: 'date',
        timestampSeconds: 1392734382,
        format: '{date_num} {time_secs}',
        url: 'https://a.test',
        fallback: 'Feb 18',
      },
    ]);
  });

  test('every emoji of Keysmith’s messages is known', () => {
    const folder = join(import.meta.dirname, '../../../src/slack/messages');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const texts = files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(folder, file), 'utf8'));
    const names = texts.flatMap((source) =>
      [...source.matchAll(/['`\n ]:([a-z_]{2,}):/g)].map(([, name = '']) => name),
    );
    expect(names).toContain('key');
    expect(names.filter((name) => emojiGlyph(name) === undefined)).toEqual([]);
  });

  test('known emoji names become emoji and others stay as typed', () => {
    expect(parseMrkdwn(':key: :no_such_emoji: 10:30:00 :constructor:')).toEqual([
      { type: 'emoji', name: 'key', glyph: '🔑' },
      text(' :no_such_emoji: 10:30:00 :constructor:'),
    ]);
  });
});

describe('hostile mrkdwn', () => {
  test.each([
    '<javascript:alert(1)|click>',
    '<JaVaScRiPt:alert(1)>',
    '< javascript:alert(1)|x>',
    '<data:text/html;base64,PHNjcmlwdD4=|x>',
    '<vbscript:x|y>',
    '<//evil.test|x>',
    '<https:evil.test|x>',
    '<https://|x>',
    '<file:///etc/passwd|x>',
    '<\u0001https://evil.test|x>',
  ])('%j isn’t a link and is shown unchanged', (written) => {
    expect(parseMrkdwn(written, { verbatim: true })).toEqual([text(written)]);
  });

  test('a date links to http and https only', () => {
    expect(parseMrkdwn('<!date^1^{date}^javascript:alert(1)|x>')).toEqual([
      { type: 'date', timestampSeconds: 1, format: '{date}', fallback: 'x' },
    ]);
  });

  test('HTML stays plain text', () => {
    const written = '<script>alert(1)</script><img src=x onerror=alert(1)>';
    expect(parseMrkdwn(written)).toEqual([text(written)]);
  });

  test('entities are decoded once, so escaped references stay text', () => {
    expect(parseMrkdwn('&lt;@U0ADA00001&gt; &amp;lt;b&amp;gt; &quot;&#60;')).toEqual([
      text('<@U0ADA00001> &lt;b&gt; &quot;&#60;'),
    ]);
  });

  test('escaped angle brackets around a URL don’t make a labelled link', () => {
    expect(parseMrkdwn('&lt;https://evil.test|bank&gt;')).toEqual([
      text('<'),
      link('https://evil.test', 'https://evil.test'),
      text('|bank>'),
    ]);
  });

  test('markup nested in references ends with the reference', () => {
    expect(parseMrkdwn('<https://a.test|<@U0ADA00001>>', { verbatim: true })).toEqual([
      text('<https://a.test|'),
      { type: 'user', id: 'U0ADA00001' },
      text('>'),
    ]);
  });
});

describe('arbitrary mrkdwn', () => {
  test('long runs of markers are parsed in little time', () => {
    const runs = ['*', '*a ', '_*~', '`', '<', '<a', '> ', ':a', '*_~a ', '```'].map((run) =>
      run.repeat(40_000 / run.length),
    );
    const cpuTimeMs = startCpuTime();
    for (const run of runs) parseMrkdwn(run);
    expect(cpuTimeMs()).toBeLessThan(5_000);
  });

  test('arbitrary input loses and invents no text, and every link is http or https', () => {
    const pieces = fc.constantFrom(
      '*',
      '_',
      '~',
      '`',
      '```',
      '<',
      '>',
      '|',
      '\n',
      ' ',
      '@U1',
      '!here',
      'https://a',
      'javascript:',
      ':key:',
      '&lt;',
      '&',
      'a',
      'é',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const written = parts.join('');
        const nodes = parseMrkdwn(written);
        for (const { url } of linksIn(nodes)) expect(url).toMatch(/^https?:\/\//);
        // Letters outside of references are never dropped.
        const letters = (value: string): number => value.split('é').length;
        expect(letters(textOf(nodes))).toBe(letters(written));
      }),
    );
  });
});

test('dates are formatted in the reader’s language, and unknown tokens stay', () => {
  const now = new Date(2026, 4, 20, 12);
  const seconds = (date: Date): number => date.getTime() / 1_000;
  expect(formatSlackDate(seconds(new Date(2026, 4, 20, 1)), '{date_pretty}', now)).toBe('today');
  expect(formatSlackDate(seconds(new Date(2026, 4, 21, 1)), 'Ends {date_long_pretty}', now)).toBe(
    'Ends tomorrow',
  );
  expect(formatSlackDate(seconds(new Date(2026, 7, 18)), '{date_short} {nonsense}', now)).toMatch(
    /2026.* \{nonsense\}$/,
  );
});

function linksIn(nodes: MrkdwnNode[]): { url: string }[] {
  return nodes.flatMap((node) => {
    if (node.type === 'link') return [node];
    return 'children' in node ? linksIn(node.children) : [];
  });
}

function textOf(nodes: MrkdwnNode[]): string {
  return nodes
    .map((node) => {
      if (node.type === 'text') return node.text;
      if (node.type === 'link') return node.label + (node.label === node.url ? '' : node.url);
      return 'children' in node ? textOf(node.children) : '';
    })
    .join('');
}
