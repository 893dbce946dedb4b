import { z } from 'zod';
import { anyText, plainText } from './text-objects.ts';

const value = z.string().max(150);

/** @see https://docs.slack.dev/reference/block-kit/composition-objects/option-object */
export const option = z.strictObject({ text: plainText(75), value, description: plainText(75).optional() });

/** Radio buttons and checkboxes also take mrkdwn. */
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

export const optionGroup = z.strictObject({ label: plainText(75), options: z.array(option).min(1).max(100) });

/** What an app answers to an options request. */
export const optionsAnswer = z.union([
  z.strictObject({ options: z.array(option).max(100) }),
  z.strictObject({ option_groups: z.array(optionGroup).max(100) }),
]);

interface OptionLike {
  text: { text: string };
  value: string;
}

function isSameOption(one: OptionLike, other: OptionLike): boolean {
  return one.value === other.value && one.text.text === other.text.text;
}

type Refinement<T> = (element: T, context: z.RefinementCtx) => void;

/** An initial choice has to be one of the choices. */
export const initialAmongOptions: Refinement<{
  options?: OptionLike[] | undefined;
  option_groups?: { options: OptionLike[] }[] | undefined;
  initial_option?: OptionLike | undefined;
  initial_options?: OptionLike[] | undefined;
}> = (element, context) => {
  const offered = element.options ?? element.option_groups?.flatMap(({ options }) => options) ?? [];
  const isOffered = (initial: OptionLike) => offered.some((one) => isSameOption(one, initial));
  if (element.initial_option && !isOffered(element.initial_option)) {
    context.addIssue({
      code: 'custom',
      path: ['initial_option'],
      message: 'must match one of the provided options',
    });
  }
  for (const [index, initial] of (element.initial_options ?? []).entries()) {
    if (isOffered(initial)) continue;
    context.addIssue({
      code: 'custom',
      path: ['initial_options', index],
      message: 'must match one of the provided options',
    });
  }
};
