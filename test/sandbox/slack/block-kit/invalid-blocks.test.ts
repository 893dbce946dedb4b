import { describe, expect, it } from 'vitest';
import { checkView } from '../../../../src/sandbox/slack/block-kit/view.ts';
import { modal, nameInput } from '../slack-with-app.ts';
import {
  actions,
  button,
  input,
  mrkdwn,
  oneChoice,
  option,
  problemsOf,
  section,
  select,
  values,
} from './block-builders.ts';

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
    'an element that the block does not allow',
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
  [
    'a section without text and fields',
    section({}),
    'missing required field: text [json-pointer:/view/blocks/0]',
  ],
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
    'a maximum length above Slack’s',
    input({ type: 'plain_text_input', max_length: 3001 }),
    'must be less than 3001 [json-pointer:/view/blocks/0/element/max_length]',
  ],
  [
    'an unknown button style',
    actions(button({ style: 'loud' })),
    'must be one of: primary, danger [json-pointer:/view/blocks/0/elements/0/style]',
  ],
];

describe('the Block Kit check', () => {
  it.each(refusedBlocks)('returns a JSON pointer to %s', (_what, block, problem) => {
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

  it('accepts every supported part of rich text and refuses others', () => {
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

  it('fills in the IDs and flags that the app left out, as Slack does', () => {
    const checked = checkView(
      modal({ blocks: [section({ text: mrkdwn('x') }), actions(button(), button())] }),
    );
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
});
