import { z } from 'zod';
import {
  action_id,
  confirm,
  focus_on_load,
  initialAmongOptions,
  interactive,
  markedUpOption,
  menu,
  overflowOption,
  placeholder,
  plainText,
} from './composition-objects.ts';

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

/** An image in a section or context block. */
export const imageElement = z.strictObject({
  type: z.literal('image'),
  image_url: z.url().max(3000),
  alt_text: z.string().min(1).max(2000),
});

export const datepicker = z.strictObject({
  type: z.literal('datepicker'),
  ...menu,
  initial_date: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .optional(),
});

export const timepicker = z.strictObject({
  type: z.literal('timepicker'),
  ...menu,
  initial_time: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
    .optional(),
  timezone: z.string().refine(isTimeZone, 'must be a valid IANA time zone').optional(),
});

/** Slack requires a Unix timestamp of ten digits. */
export const datetimepicker = z.strictObject({
  type: z.literal('datetimepicker'),
  ...interactive,
  initial_date_time: z.number().int().min(1_000_000_000).max(9_999_999_999).optional(),
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
