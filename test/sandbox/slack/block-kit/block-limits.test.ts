import { expect, it } from 'vitest';
import { checkView } from '../../../../src/sandbox/slack/block-kit/view.ts';
import { checkMessage } from '../../../../src/sandbox/slack/web-api/chat.ts';
import { modal, nameInput, options } from '../slack-with-app.ts';

const long = (length: number) => 'x'.repeat(length);
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const values = (count: number) => options(...many(count, String));
const option = (text: string, value: string, more = {}) => ({ text: plain(text), value, ...more });

const section = (more: object) => ({ type: 'section', ...more });
const button = (more: object = {}) => ({ type: 'button', text: plain('Go'), ...more });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const input = (element: object, more: object = {}) => ({
  type: 'input',
  label: plain('Label'),
  element,
  ...more,
});
const select = (more: object) => input({ type: 'static_select', ...more });
const confirm = (more: object) =>
  actions(
    button({
      confirm: { title: plain('T'), text: mrkdwn('t'), confirm: plain('Yes'), deny: plain('No'), ...more },
    }),
  );
const group = (count: number) => ({ label: plain('Group'), options: values(count) });
const image = (more: object) => ({
  type: 'image',
  image_url: 'https://acme.test/a.png',
  alt_text: 'a',
  ...more,
});

/** What fits exactly, what is one too many, and what Slack says about that. `at` is under `/view`. */
const blockLimits: [string, (size: number) => object, number, string, string][] = [
  ['section text', (n) => section({ text: mrkdwn(long(n)) }), 3000, 'characters', 'text/text'],
  ['section fields', (n) => section({ fields: many(n, () => mrkdwn('f')) }), 10, 'items', 'fields'],
  ['section field text', (n) => section({ fields: [mrkdwn(long(n))] }), 2000, 'characters', 'fields/0/text'],
  ['header text', (n) => ({ type: 'header', text: plain(long(n)) }), 150, 'characters', 'text/text'],
  ['actions', (n) => actions(...many(n, (i) => button({ action_id: `a${i}` }))), 25, 'items', 'elements'],
  ['context', (n) => ({ type: 'context', elements: many(n, () => mrkdwn('c')) }), 10, 'items', 'elements'],
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
    'confirm',
    (n) => confirm({ confirm: plain(long(n)) }),
    30,
    'characters',
    'elements/0/confirm/confirm/text',
  ],
  ['deny', (n) => confirm({ deny: plain(long(n)) }), 30, 'characters', 'elements/0/confirm/deny/text'],
  ['overflow', (n) => actions({ type: 'overflow', options: values(n) }), 5, 'items', 'elements/0/options'],
  [
    'radio buttons',
    (n) => input({ type: 'radio_buttons', options: values(n) }),
    10,
    'items',
    'element/options',
  ],
  ['checkboxes', (n) => input({ type: 'checkboxes', options: values(n) }), 10, 'items', 'element/options'],
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

function oneChoice() {
  return { type: 'radio_buttons', options: values(1) };
}

function tooMuch(unit: string, size: number): string {
  return unit === 'items' ? `no more than ${size} items allowed` : `must be less than ${size + 1} characters`;
}

function problemsOf(view: unknown): string[] {
  const checked = checkView(view);
  if (checked.ok) return [];
  return 'problems' in checked ? checked.problems : ['too large'];
}

it.each(blockLimits)('%s may be as long as Slack allows and no longer', (_what, make, size, unit, at) => {
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

it.each(viewLimits)(
  "a view's %s may be as long as Slack allows and no longer",
  (_what, make, size, unit, at) => {
    expect(problemsOf(modal(make(size) as Record<string, unknown>))).toEqual([]);
    expect(problemsOf(modal(make(size + 1) as Record<string, unknown>))).toEqual([
      `${tooMuch(unit, size)} [json-pointer:/view/${at}]`,
    ]);
  },
);

it('takes 50 blocks and 40,000 characters in a message, and no more', () => {
  const blocks = (count: number) => many(count, () => ({ type: 'divider' }));
  expect(checkMessage({ text: long(40_000), blocks: blocks(50) })).toMatchObject({ ok: true });
  expect(checkMessage({ text: long(40_001) })).toEqual({ ok: false, error: 'msg_too_long' });
  expect(checkMessage({ blocks: blocks(51) })).toMatchObject({
    problems: ['no more than 50 items allowed [json-pointer:/blocks]'],
  });
});

const twoRadios = values(2);
const refusedBlocks: [string, object, string][] = [
  ['an unknown block', { type: 'poem' }, 'unsupported type: poem [json-pointer:/view/blocks/0/type]'],
  ['a block without a type', {}, 'missing required field: type [json-pointer:/view/blocks/0]'],
  [
    'an unknown property',
    { type: 'divider', colour: 'red' },
    'invalid additional property: colour [json-pointer:/view/blocks/0]',
  ],
  [
    'an element that does not belong there',
    actions({ type: 'plain_text_input' }),
    'unsupported type: plain_text_input [json-pointer:/view/blocks/0/elements/0/type]',
  ],
  [
    'a button as an input',
    input(button()),
    'unsupported type: button [json-pointer:/view/blocks/0/element/type]',
  ],
  [
    'a text object of an unknown kind',
    section({ text: { type: 'markdown', text: 'x' } }),
    'unsupported type: markdown [json-pointer:/view/blocks/0/text/type]',
  ],
  [
    'a bare string for a text',
    section({ text: 'x' }),
    'must provide an object [json-pointer:/view/blocks/0/text]',
  ],
  [
    'an empty text',
    section({ text: mrkdwn('') }),
    'must be more than 0 characters [json-pointer:/view/blocks/0/text/text]',
  ],
  ['a section with nothing in it', section({}), 'missing required field: text [json-pointer:/view/blocks/0]'],
  [
    'an input without a label',
    { type: 'input', element: oneChoice() },
    'missing required field: label [json-pointer:/view/blocks/0]',
  ],
  [
    'mrkdwn for a label',
    input(oneChoice(), { label: mrkdwn('x') }),
    'must be one of: plain_text [json-pointer:/view/blocks/0/label/type]',
  ],
  [
    'an empty actions block',
    actions(),
    'no fewer than 1 items allowed [json-pointer:/view/blocks/0/elements]',
  ],
  [
    'the same action_id twice in one block',
    actions(button({ action_id: 'a' }), button({ action_id: 'a' })),
    '`action_id` "a" already exists [json-pointer:/view/blocks/0/elements/1/action_id]',
  ],
  [
    'a select with neither options nor groups',
    select({}),
    'exactly one of the fields options and option_groups is required [json-pointer:/view/blocks/0/element]',
  ],
  [
    'an initial option that is not offered',
    input({ type: 'radio_buttons', options: twoRadios, initial_option: option('Else', 'else') }),
    'must match one of the provided options [json-pointer:/view/blocks/0/element/initial_option]',
  ],
  [
    'an initial option with another text',
    select({ options: twoRadios, initial_option: option('Else', '0') }),
    'must match one of the provided options [json-pointer:/view/blocks/0/element/initial_option]',
  ],
  [
    'initial options that are not all offered',
    input({ type: 'checkboxes', options: twoRadios, initial_options: [twoRadios[0], option('Else', 'e')] }),
    'must match one of the provided options [json-pointer:/view/blocks/0/element/initial_options/1]',
  ],
  [
    'a minimum above the maximum',
    input({ type: 'plain_text_input', min_length: 5, max_length: 4 }),
    'min_length must not exceed max_length [json-pointer:/view/blocks/0/element/min_length]',
  ],
  [
    'a length beyond what can be typed',
    input({ type: 'plain_text_input', max_length: 3001 }),
    'must be less than 3001 [json-pointer:/view/blocks/0/element/max_length]',
  ],
  [
    'an unknown button style',
    actions(button({ style: 'loud' })),
    'must be one of: primary, danger [json-pointer:/view/blocks/0/elements/0/style]',
  ],
];

it.each(refusedBlocks)('refuses %s, and says where', (_what, block, problem) => {
  expect(problemsOf(modal({ blocks: [block] }))).toEqual([problem]);
});

it.each<[string, object, string]>([
  ['no title', { title: undefined }, 'missing required field: title [json-pointer:/view]'],
  ['another type', { type: 'window' }, 'must be one of: modal [json-pointer:/view/type]'],
  ['an input and no submit', { submit: undefined }, 'missing required field: submit [json-pointer:/view]'],
  [
    'unknown properties',
    { submit_disabled: true },
    'invalid additional property: submit_disabled [json-pointer:/view]',
  ],
  [
    'the same block_id twice',
    { blocks: [nameInput(), nameInput()] },
    '`block_id` "name" already exists [json-pointer:/view/blocks/1/block_id]',
  ],
])('refuses a view with %s', (_what, change, problem) => {
  expect(problemsOf(modal(change as Record<string, unknown>))).toEqual([problem]);
});

it('takes every kind of rich text that it knows, and refuses others', () => {
  const inline = [
    { type: 'text', text: 'a', style: { bold: true } },
    { type: 'link', url: 'https://acme.test', text: 'b' },
    { type: 'user', user_id: 'U0ADA00001' },
    { type: 'channel', channel_id: 'C0MLPLAT01' },
    { type: 'emoji', name: 'key' },
  ];
  const part = { type: 'rich_text_section', elements: inline };
  const richText = (...elements: object[]) => modal({ blocks: [{ type: 'rich_text', elements }] });
  expect(
    problemsOf(
      richText(
        part,
        { type: 'rich_text_list', style: 'bullet', elements: [part] },
        { type: 'rich_text_quote', elements: inline },
        { type: 'rich_text_preformatted', elements: inline.slice(0, 2) },
      ),
    ),
  ).toEqual([]);
  expect(problemsOf(richText({ type: 'rich_text_poem', elements: [] }))).toEqual([
    'unsupported type: rich_text_poem [json-pointer:/view/blocks/0/elements/0/type]',
  ]);
});

it('fills in what the app left out, as Slack does', () => {
  const checked = checkView(modal({ blocks: [section({ text: mrkdwn('x') }), actions(button(), button())] }));
  const blocks = checked.ok ? checked.value.blocks : [];
  expect(blocks).toMatchObject([
    { block_id: expect.stringMatching(/./), text: { verbatim: false } },
    {
      elements: [
        { action_id: expect.stringMatching(/./), text: { emoji: true } },
        { action_id: expect.any(String) },
      ],
    },
  ]);
});
