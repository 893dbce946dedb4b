import { z } from 'zod';

/** @see https://docs.slack.dev/reference/block-kit/composition-objects/text-object */
export const plainText = (maximum: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(maximum),
    emoji: z.boolean().optional(),
  });

const mrkdwn = (maximum: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(maximum),
    verbatim: z.boolean().optional(),
  });

export const anyText = (maximum: number) =>
  z.discriminatedUnion('type', [plainText(maximum), mrkdwn(maximum)]);

/** @see https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object */
export const confirm = z.strictObject({
  title: plainText(100),
  text: anyText(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: z.enum(['primary', 'danger']).optional(),
});

export const identifier = z.string().min(1).max(255);
export const placeholder = plainText(150);
export const action_id = identifier.optional();
export const focus_on_load = z.boolean().optional();

/** The fields shared by all menus, pickers and choices. */
export const interactive = { action_id, confirm: confirm.optional(), focus_on_load };

export const menu = { ...interactive, placeholder: placeholder.optional() };

const value = z.string().max(150);

/** @see https://docs.slack.dev/reference/block-kit/composition-objects/option-object */
export const option = z.strictObject({ text: plainText(75), value, description: plainText(75).optional() });

/** An option of radio buttons or checkboxes, whose text can be mrkdwn. */
export const markedUpOption = z.strictObject({
  text: anyText(75),
  value,
  description: anyText(75).optional(),
});

export const overflowOption = z.strictObject({
  text: plainText(75),
  value,
  description: plainText(75).optional(),
  url: z.string().max(3000).optional(),
});

/** @see https://docs.slack.dev/reference/block-kit/composition-objects/option-group-object */
export const optionGroup = z.strictObject({
  label: plainText(75),
  options: z.array(option).min(1).max(100),
});

/** The body of an app's response to a `block_suggestion`. */
export const optionsResponse = z.union([
  z.strictObject({ options: z.array(option).max(100) }),
  z.strictObject({ option_groups: z.array(optionGroup).max(100) }),
]);

interface OptionLike {
  text: { text: string };
  value: string;
}

interface WithInitialOptions {
  options?: OptionLike[] | undefined;
  option_groups?: { options: OptionLike[] }[] | undefined;
  initial_option?: OptionLike | undefined;
  initial_options?: OptionLike[] | undefined;
}

/** Refines an element: its initial choice must be among its options. */
export function initialAmongOptions(element: WithInitialOptions, context: z.RefinementCtx): void {
  const offered = element.options ?? element.option_groups?.flatMap(({ options }) => options) ?? [];
  const isOffered = (initial: OptionLike) =>
    offered.some(({ value, text }) => value === initial.value && text.text === initial.text.text);
  const refuse = (...path: (string | number)[]) =>
    context.addIssue({ code: 'custom', path, message: 'must match one of the provided options' });
  if (element.initial_option && !isOffered(element.initial_option)) refuse('initial_option');
  for (const [index, initial] of (element.initial_options ?? []).entries()) {
    if (!isOffered(initial)) refuse('initial_options', index);
  }
}
