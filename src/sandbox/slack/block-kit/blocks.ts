import { z } from 'zod';
import type { Block } from '../protocol/page-protocol.ts';
import { newElementId } from '../protocol/slack-ids.ts';
import { anyText, identifier, plainText } from './composition-objects.ts';
import * as element from './elements.ts';
import { richText } from './rich-text.ts';
import * as select from './selects.ts';

const block_id = identifier.optional();

const choiceElements = [
  select.staticSelect,
  select.externalSelect,
  select.usersSelect,
  select.conversationsSelect,
  select.channelsSelect,
  select.multiStaticSelect,
  select.multiExternalSelect,
  select.multiUsersSelect,
  select.multiConversationsSelect,
  element.radioButtons,
  element.checkboxes,
  element.datepicker,
  element.timepicker,
] as const;

const actionElement = z.discriminatedUnion('type', [
  element.button,
  element.overflow,
  element.datetimepicker,
  ...choiceElements,
]);
const accessory = z.discriminatedUnion('type', [
  element.button,
  element.overflow,
  element.imageElement,
  ...choiceElements,
]);
const inputElement = z.discriminatedUnion('type', [
  element.plainTextInput,
  element.emailInput,
  element.urlInput,
  element.numberInput,
  element.datetimepicker,
  ...choiceElements,
]);

const section = z
  .strictObject({
    type: z.literal('section'),
    block_id,
    text: anyText(3000).optional(),
    fields: z.array(anyText(2000)).min(1).max(10).optional(),
    accessory: accessory.optional(),
    expand: z.boolean().optional(),
  })
  .superRefine(({ text, fields }, context) => {
    if (!text && !fields) context.addIssue({ code: 'custom', message: 'missing required field: text' });
  });

const actions = z
  .strictObject({ type: z.literal('actions'), block_id, elements: z.array(actionElement).min(1).max(25) })
  .superRefine(({ elements }, context) => {
    const ids = elements.map(({ action_id }) => action_id);
    refuseDuplicates('action_id', ids, (index) => ['elements', index], context);
  });

const input = z.strictObject({
  type: z.literal('input'),
  block_id,
  label: plainText(2000),
  hint: plainText(2000).optional(),
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
  element: inputElement,
});

/** The supported blocks, by `type`. */
export const blockSchemas = {
  section,
  actions,
  input,
  divider: z.strictObject({ type: z.literal('divider'), block_id }),
  header: z.strictObject({ type: z.literal('header'), block_id, text: plainText(150) }),
  context: z.strictObject({
    type: z.literal('context'),
    block_id,
    elements: z
      .array(z.union([element.imageElement, anyText(3000)]))
      .min(1)
      .max(10),
  }),
  image: z.strictObject({
    type: z.literal('image'),
    block_id,
    image_url: z.url().max(3000),
    alt_text: z.string().min(1).max(2000),
    title: plainText(2000).optional(),
  }),
  rich_text: richText,
};

/** The supported block elements, by `type`. */
export const elementSchemas = {
  button: element.button,
  overflow: element.overflow,
  plain_text_input: element.plainTextInput,
  email_text_input: element.emailInput,
  url_text_input: element.urlInput,
  number_input: element.numberInput,
  static_select: select.staticSelect,
  external_select: select.externalSelect,
  users_select: select.usersSelect,
  conversations_select: select.conversationsSelect,
  channels_select: select.channelsSelect,
  multi_static_select: select.multiStaticSelect,
  multi_external_select: select.multiExternalSelect,
  multi_users_select: select.multiUsersSelect,
  multi_conversations_select: select.multiConversationsSelect,
  radio_buttons: element.radioButtons,
  checkboxes: element.checkboxes,
  datepicker: element.datepicker,
  timepicker: element.timepicker,
  datetimepicker: element.datetimepicker,
  image: element.imageElement,
};

const anyBlock = z.discriminatedUnion('type', [
  blockSchemas.section,
  blockSchemas.actions,
  blockSchemas.input,
  blockSchemas.divider,
  blockSchemas.header,
  blockSchemas.context,
  blockSchemas.image,
  blockSchemas.rich_text,
]);

/** The blocks of a message or view. A `block_id` must be unique. */
export const blockList = (maximum: number) =>
  z
    .array(anyBlock)
    .max(maximum)
    .superRefine((blocks, context) => {
      const ids = blocks.map(({ block_id }) => block_id);
      refuseDuplicates('block_id', ids, (index) => [index], context);
    });

function refuseDuplicates(
  field: 'block_id' | 'action_id',
  ids: (string | undefined)[],
  pathOf: (index: number) => (string | number)[],
  context: z.RefinementCtx,
): void {
  for (const [index, id] of ids.entries()) {
    if (id === undefined || ids.indexOf(id) === index) continue;
    context.addIssue({
      code: 'custom',
      path: [...pathOf(index), field],
      message: `\`${field}\` "${id}" already exists`,
    });
  }
}

/** Adds what Slack fills in: `block_id`s, `action_id`s, and the default flags of text objects. */
export function normalizeBlocks(blocks: object[]): Block[] {
  return blocks.map((block) => {
    const { type, block_id = newElementId(), ...rest } = withTextDefaults(block) as Partial<Block>;
    return { type, block_id, ...withActionIds(rest) } as Block;
  });
}

/** Adds the flags that Slack returns in text objects: `emoji: true` in plain text, `verbatim: false` in mrkdwn. */
export function withTextDefaults<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withTextDefaults) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withTextDefaults(inner)]),
  );
  if (copy.type === 'plain_text') return { emoji: true, ...copy } as T;
  if (copy.type === 'mrkdwn') return { verbatim: false, ...copy } as T;
  return copy as T;
}

const withoutActionId = new Set(['image', 'plain_text', 'mrkdwn']);

function withActionIds(block: Record<string, unknown>): Record<string, unknown> {
  const withActionId = (element: unknown): unknown => {
    const { type } = element as { type: string };
    if (withoutActionId.has(type) || type.startsWith('rich_text')) return element;
    return { action_id: newElementId(), ...(element as object) };
  };
  const copy = { ...block };
  if (copy.element) copy.element = withActionId(copy.element);
  if (copy.accessory) copy.accessory = withActionId(copy.accessory);
  if (Array.isArray(copy.elements)) copy.elements = copy.elements.map(withActionId);
  return copy;
}
