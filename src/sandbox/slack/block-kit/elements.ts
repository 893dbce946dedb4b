import { z } from 'zod';
import { action_id, confirm, focus_on_load, interactive, placeholder, plainText } from './problems.ts';
import { initialAmongOptions, markedUpOption, overflowOption } from './selects.ts';

const dispatch_action_config = z
  .strictObject({ trigger_actions_on: z.array(z.enum(['on_enter_pressed', 'on_character_entered'])).min(1) })
  .optional();
const typedInto = { action_id, focus_on_load, placeholder: placeholder.optional(), dispatch_action_config };

export const button = z.strictObject({
  type: z.literal('button'),
  action_id,
  text: plainText(75),
  value: z.string().max(2000).optional(),
  url: z.string().max(3000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: confirm.optional(),
  accessibility_label: z.string().max(75).optional(),
});

const typedLength = z.number().int().min(0).max(3000);

export const plainTextInput = z
  .strictObject({
    type: z.literal('plain_text_input'),
    ...typedInto,
    initial_value: z.string().max(3000).optional(),
    multiline: z.boolean().optional(),
    min_length: typedLength.optional(),
    max_length: typedLength.min(1).optional(),
  })
  .superRefine(({ min_length = 0, max_length = 3000, initial_value }, context) => {
    if (min_length > max_length) {
      context.addIssue({
        code: 'custom',
        path: ['min_length'],
        message: 'min_length must not exceed max_length',
      });
    }
    if (initial_value && initial_value.length > max_length) {
      context.addIssue({
        code: 'custom',
        path: ['initial_value'],
        message: `must be less than ${max_length + 1} characters`,
      });
    }
  });

export const emailInput = z.strictObject({
  type: z.literal('email_text_input'),
  ...typedInto,
  initial_value: z.string().optional(),
});

export const urlInput = z.strictObject({
  type: z.literal('url_text_input'),
  ...typedInto,
  initial_value: z.string().optional(),
});

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);

export const numberInput = z.strictObject({
  type: z.literal('number_input'),
  ...typedInto,
  is_decimal_allowed: z.boolean(),
  initial_value: decimal.optional(),
  min_value: decimal.optional(),
  max_value: decimal.optional(),
});

export const radioButtons = z
  .strictObject({
    type: z.literal('radio_buttons'),
    ...interactive,
    options: z.array(markedUpOption).min(1).max(10),
    initial_option: markedUpOption.optional(),
  })
  .superRefine(initialAmongOptions);

export const checkboxes = z
  .strictObject({
    type: z.literal('checkboxes'),
    ...interactive,
    options: z.array(markedUpOption).min(1).max(10),
    initial_options: z.array(markedUpOption).min(1).optional(),
  })
  .superRefine(initialAmongOptions);

export const overflow = z.strictObject({
  type: z.literal('overflow'),
  action_id,
  options: z.array(overflowOption).min(1).max(5),
  confirm: confirm.optional(),
});

/** An image inside a section or a context block. */
export const imageElement = z.strictObject({
  type: z.literal('image'),
  image_url: z.url().max(3000),
  alt_text: z.string().min(1).max(2000),
});
