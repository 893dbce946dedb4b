import type {
  ActionsBlockElement,
  HomeView,
  InputBlockElement,
  KnownBlock,
  ModalView,
  PlainTextElement,
  SectionBlockAccessory,
} from '@slack/types';
import { expect } from 'vitest';
import { conversations, people } from '../slack-with-app.ts';

const plain = (text: string): PlainTextElement => ({ type: 'plain_text', text });

const option = (value: string) => ({ text: plain(`Option ${value}`), value });
const options = (...values: string[]) => values.map(option);
export const groups = [
  { label: plain('Fruit'), options: options('apple', 'pear') },
  { label: plain('Nuts'), options: options('almond') },
];
const confirm = {
  title: plain('Are you sure?'),
  text: plain('The kitchen will remember.'),
  confirm: plain('Yes'),
  deny: plain('No'),
};

const action_id = 'value';
const placeholder = plain('Choose');

/** Elements for input, section and actions blocks alike. */
const choices = [
  { type: 'static_select', action_id, placeholder, options: options('a', 'b', 'c') },
  { type: 'external_select', action_id, placeholder, min_query_length: 0 },
  { type: 'users_select', action_id, placeholder },
  { type: 'conversations_select', action_id, placeholder },
  { type: 'channels_select', action_id, placeholder },
  { type: 'multi_static_select', action_id, placeholder, option_groups: groups, max_selected_items: 2 },
  { type: 'multi_external_select', action_id, placeholder, min_query_length: 0 },
  { type: 'multi_users_select', action_id, placeholder, max_selected_items: 2 },
  { type: 'multi_conversations_select', action_id, placeholder },
  { type: 'radio_buttons', action_id, options: options('a', 'b') },
  { type: 'checkboxes', action_id, options: options('a', 'b', 'c') },
  { type: 'datepicker', action_id, placeholder },
  { type: 'timepicker', action_id, placeholder },
] satisfies (InputBlockElement & SectionBlockAccessory & ActionsBlockElement)[];

const datetimepicker = { type: 'datetimepicker' as const, action_id };
const overflow = { type: 'overflow' as const, action_id, options: options('edit', 'remove'), confirm };
const image = {
  type: 'image' as const,
  image_url: 'https://acme.test/kettle.png',
  alt_text: 'A kettle',
};

const inputs: InputBlockElement[] = [
  { type: 'plain_text_input', action_id, max_length: 40, placeholder: plain('Type here') },
  { type: 'email_text_input', action_id },
  { type: 'url_text_input', action_id },
  { type: 'number_input', action_id, is_decimal_allowed: false, min_value: '1', max_value: '9' },
  ...choices.map((element) =>
    element.type === 'conversations_select' ? { ...element, response_url_enabled: true } : element,
  ),
  datetimepicker,
];

/** The `type`s of all elements, which are also their `block_id`s. */
export const everyElement = [...new Set([...inputs.map(({ type }) => type), 'button', 'overflow', 'image'])];

function button(id: string, text: string) {
  return { type: 'button' as const, action_id: id, text: plain(text), value: id };
}

/** A modal with every element. Only the text input is required. */
export const kitchenForm: ModalView = {
  type: 'modal',
  callback_id: 'kitchen',
  title: plain('Kitchen'),
  submit: plain('Cook'),
  close: plain('Leave'),
  notify_on_close: true,
  blocks: [
    ...inputs.map(
      (element): KnownBlock => ({
        type: 'input',
        block_id: element.type,
        label: plain(element.type),
        optional: element.type !== 'plain_text_input',
        dispatch_action: element.type === 'radio_buttons',
        element,
      }),
    ),
    {
      type: 'actions',
      block_id: 'buttons',
      elements: [button('push', 'Go deeper'), { ...button('sure', 'Be sure'), confirm, style: 'danger' }],
    },
    { type: 'section', block_id: 'overflow', text: plain('More'), accessory: overflow },
    { type: 'section', block_id: 'image', text: plain('Picture'), accessory: image },
  ],
};

/** Returns the second or third modal of the stack. */
export function nestedModal(depth: number): ModalView {
  return {
    type: 'modal',
    callback_id: 'deeper',
    title: plain(`Depth ${depth}`),
    submit: plain(depth < 3 ? 'Update' : 'Clear'),
    private_metadata: String(depth),
    blocks: [
      {
        type: 'input',
        block_id: 'note',
        label: plain('Note'),
        element: { type: 'plain_text_input', action_id },
      },
      ...(depth < 3
        ? [{ type: 'actions' as const, block_id: 'buttons', elements: [button('push', 'Go deeper')] }]
        : []),
    ],
  };
}

/** A section for every accessory, and the one element that can't be one. */
const everyAccessory: KnownBlock[] = [
  ...[{ ...button('value', 'Press'), confirm }, overflow, image, ...choices].map(
    (accessory): KnownBlock => ({
      type: 'section',
      block_id: accessory.type,
      text: { type: 'mrkdwn', text: `*${accessory.type}*` },
      accessory,
    }),
  ),
  { type: 'actions', block_id: 'datetimepicker', elements: [datetimepicker] },
];

/** A message with every element that needs no input block. */
export const kitchenMessage: KnownBlock[] = [{ type: 'header', text: plain('Kitchen') }, ...everyAccessory];

export function kitchenHome(count: number): HomeView {
  return {
    type: 'home',
    callback_id: 'kitchen_home',
    blocks: [
      { type: 'header', text: plain('Kitchen home') },
      { type: 'section', block_id: 'count', text: { type: 'mrkdwn', text: `Counted ${count}` } },
      {
        type: 'actions',
        block_id: 'buttons',
        elements: [
          { ...button('count', 'Count'), value: String(count) },
          { type: 'static_select', action_id: 'pick', placeholder, options: options('a', 'b') },
          button('open_form', 'Open the form'),
        ],
      },
      {
        type: 'section',
        block_id: 'menu',
        text: plain('A menu'),
        accessory: { type: 'external_select', action_id, placeholder, min_query_length: 0 },
      },
      { type: 'divider' },
      ...everyAccessory,
      {
        type: 'section',
        block_id: 'fields',
        fields: [
          { type: 'mrkdwn', text: '*Kettle*\nOn' },
          { type: 'mrkdwn', text: '*Oven*\nOff' },
        ],
      },
      {
        type: 'rich_text',
        block_id: 'recipe',
        elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'salt\npepper' }] }],
      },
      { type: 'context', block_id: 'note', elements: [{ type: 'mrkdwn', text: 'Counted just now' }] },
    ],
  };
}

export function messageModal(text: string): ModalView {
  return {
    type: 'modal',
    callback_id: 'inspected',
    title: plain('Message'),
    blocks: [{ type: 'section', block_id: 'text', text: plain(text || 'Nothing') }],
  };
}

const expectedOptions = (...all: string[]) => all.map((value) => expect.objectContaining({ value }));

/** The value of each element in a payload, by its `type`, once the form is filled in. */
export const expectedValues: Record<string, object> = {
  plain_text_input: { value: 'soup' },
  email_text_input: { value: 'cook@acme.test' },
  url_text_input: { value: 'https://acme.test/soup' },
  number_input: { value: '4' },
  static_select: { selected_option: { value: 'b' } },
  external_select: { selected_option: { value: 'pear' } },
  users_select: { selected_user: people.ben },
  conversations_select: { selected_conversation: conversations.withoutApp },
  channels_select: { selected_channel: conversations.withApp },
  multi_static_select: { selected_options: expectedOptions('apple', 'almond') },
  multi_external_select: { selected_options: expectedOptions('almond', 'apple') },
  multi_users_select: { selected_users: [people.ben, people.cy] },
  multi_conversations_select: { selected_conversations: [conversations.withoutApp, conversations.withApp] },
  radio_buttons: { selected_option: { value: 'b' } },
  checkboxes: { selected_options: expectedOptions('a', 'c') },
  datepicker: { selected_date: '2026-03-02' },
  timepicker: { selected_time: '09:30' },
  datetimepicker: { selected_date_time: Date.parse('2026-03-02T09:30:00Z') / 1000 },
};
