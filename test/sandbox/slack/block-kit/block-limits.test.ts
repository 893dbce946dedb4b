import { describe, expect, it } from 'vitest';
import { checkMessage } from '../../../../src/sandbox/slack/web-api/chat.ts';
import { modal } from '../slack-with-app.ts';
import {
  actions,
  button,
  confirm,
  group,
  image,
  input,
  long,
  many,
  mrkdwn,
  oneChoice,
  option,
  plain,
  problemsOf,
  section,
  select,
  values,
} from './block-builders.ts';

/** Name, content of a given size, maximum size, unit, and JSON pointer below `/view/blocks/0`. */
const blockLimits: [string, (size: number) => object, number, string, string][] = [
  ['section text', (n) => section({ text: mrkdwn(long(n)) }), 3000, 'characters', 'text/text'],
  ['section fields', (n) => section({ fields: many(n, () => mrkdwn('f')) }), 10, 'items', 'fields'],
  ['section field text', (n) => section({ fields: [mrkdwn(long(n))] }), 2000, 'characters', 'fields/0/text'],
  ['header text', (n) => ({ type: 'header', text: plain(long(n)) }), 150, 'characters', 'text/text'],
  [
    'actions elements',
    (n) => actions(...many(n, (i) => button({ action_id: `a${i}` }))),
    25,
    'items',
    'elements',
  ],
  [
    'context elements',
    (n) => ({ type: 'context', elements: many(n, () => mrkdwn('c')) }),
    10,
    'items',
    'elements',
  ],
  ['block_id', (n) => ({ type: 'divider', block_id: long(n) }), 255, 'characters', 'block_id'],
  ['action_id', (n) => actions(button({ action_id: long(n) })), 255, 'characters', 'elements/0/action_id'],
  ['button text', (n) => actions(button({ text: plain(long(n)) })), 75, 'characters', 'elements/0/text/text'],
  ['button value', (n) => actions(button({ value: long(n) })), 2000, 'characters', 'elements/0/value'],
  ['button URL', (n) => actions(button({ url: long(n) })), 3000, 'characters', 'elements/0/url'],
  [
    'confirm title',
    (n) => confirm({ title: plain(long(n)) }),
    100,
    'characters',
    'elements/0/confirm/title/text',
  ],
  [
    'confirm text',
    (n) => confirm({ text: mrkdwn(long(n)) }),
    300,
    'characters',
    'elements/0/confirm/text/text',
  ],
  [
    'the confirm button',
    (n) => confirm({ confirm: plain(long(n)) }),
    30,
    'characters',
    'elements/0/confirm/confirm/text',
  ],
  [
    'the deny button',
    (n) => confirm({ deny: plain(long(n)) }),
    30,
    'characters',
    'elements/0/confirm/deny/text',
  ],
  [
    'overflow options',
    (n) => actions({ type: 'overflow', options: values(n) }),
    5,
    'items',
    'elements/0/options',
  ],
  [
    'radio button options',
    (n) => input({ type: 'radio_buttons', options: values(n) }),
    10,
    'items',
    'element/options',
  ],
  [
    'checkbox options',
    (n) => input({ type: 'checkboxes', options: values(n) }),
    10,
    'items',
    'element/options',
  ],
  ['select options', (n) => select({ options: values(n) }), 100, 'items', 'element/options'],
  [
    'select groups',
    (n) => select({ option_groups: many(n, () => group(1)) }),
    100,
    'items',
    'element/option_groups',
  ],
  [
    'group options',
    (n) => select({ option_groups: [group(n)] }),
    100,
    'items',
    'element/option_groups/0/options',
  ],
  [
    'option text',
    (n) => select({ options: [option(long(n), 'v')] }),
    75,
    'characters',
    'element/options/0/text/text',
  ],
  [
    'option value',
    (n) => select({ options: [option('t', long(n))] }),
    150,
    'characters',
    'element/options/0/value',
  ],
  [
    'option description',
    (n) => select({ options: [option('t', 'v', { description: plain(long(n)) })] }),
    75,
    'characters',
    'element/options/0/description/text',
  ],
  [
    'placeholder',
    (n) => input({ type: 'plain_text_input', placeholder: plain(long(n)) }),
    150,
    'characters',
    'element/placeholder/text',
  ],
  [
    'initial value',
    (n) => input({ type: 'plain_text_input', initial_value: long(n) }),
    3000,
    'characters',
    'element/initial_value',
  ],
  ['label', (n) => ({ ...input(oneChoice()), label: plain(long(n)) }), 2000, 'characters', 'label/text'],
  ['hint', (n) => input(oneChoice(), { hint: plain(long(n)) }), 2000, 'characters', 'hint/text'],
  ['alt text', (n) => image({ alt_text: long(n) }), 2000, 'characters', 'alt_text'],
  ['image title', (n) => image({ title: plain(long(n)) }), 2000, 'characters', 'title/text'],
];

function tooMuch(unit: string, size: number): string {
  return unit === 'items' ? `no more than ${size} items allowed` : `must be less than ${size + 1} characters`;
}

describe('the Block Kit check', () => {
  it.each(blockLimits)('limits the size of %s to Slack’s maximum', (_name, make, size, unit, at) => {
    expect(problemsOf(modal({ blocks: [make(size)] }))).toEqual([]);
    expect(problemsOf(modal({ blocks: [make(size + 1)] }))).toContain(
      `${tooMuch(unit, size)} [json-pointer:/view/blocks/0/${at}]`,
    );
  });

  const viewLimits: [string, (size: number) => object, number, string, string][] = [
    ['title', (n) => ({ title: plain(long(n)) }), 24, 'characters', 'title/text'],
    ['submit', (n) => ({ submit: plain(long(n)) }), 24, 'characters', 'submit/text'],
    ['close', (n) => ({ close: plain(long(n)) }), 24, 'characters', 'close/text'],
    ['blocks', (n) => ({ blocks: many(n, () => ({ type: 'divider' })) }), 100, 'items', 'blocks'],
    ['private_metadata', (n) => ({ private_metadata: long(n) }), 3000, 'characters', 'private_metadata'],
    ['callback_id', (n) => ({ callback_id: long(n) }), 255, 'characters', 'callback_id'],
    ['external_id', (n) => ({ external_id: long(n) }), 255, 'characters', 'external_id'],
  ];

  it.each(viewLimits)('limits the size of a view’s %s to Slack’s maximum', (_name, make, size, unit, at) => {
    expect(problemsOf(modal(make(size) as Record<string, unknown>))).toEqual([]);
    expect(problemsOf(modal(make(size + 1) as Record<string, unknown>))).toEqual([
      `${tooMuch(unit, size)} [json-pointer:/view/${at}]`,
    ]);
  });

  it('accepts 50 blocks and 40,000 characters in a message and refuses more', () => {
    const blocks = (count: number) => many(count, () => ({ type: 'divider' }));
    expect(checkMessage({ text: long(40_000), blocks: blocks(50) })).toMatchObject({ ok: true });
    expect(checkMessage({ text: long(40_001) })).toEqual({ ok: false, error: 'msg_too_long' });
    expect(checkMessage({ blocks: blocks(51) })).toMatchObject({
      problems: ['no more than 50 items allowed [json-pointer:/blocks]'],
    });
  });
});
