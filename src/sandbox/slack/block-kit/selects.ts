import { z } from 'zod';
import { anyText, menu, plainText } from './problems.ts';

const value = z.string().max(150);

/** @see https://docs.slack.dev/reference/block-kit/composition-objects/option-object */
const option = z.strictObject({ text: plainText(75), value, description: plainText(75).optional() });

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

const optionGroup = z.strictObject({ label: plainText(75), options: z.array(option).min(1).max(100) });

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

const options = {
  options: z.array(option).min(1).max(100).optional(),
  option_groups: z.array(optionGroup).min(1).max(100).optional(),
};

interface WithOptions {
  options?: z.output<typeof option>[] | undefined;
  option_groups?: z.output<typeof optionGroup>[] | undefined;
  initial_option?: z.output<typeof option> | undefined;
  initial_options?: z.output<typeof option>[] | undefined;
}

function optionsOrGroups(element: WithOptions, context: z.RefinementCtx): void {
  if ((element.options === undefined) === (element.option_groups === undefined)) {
    context.addIssue({
      code: 'custom',
      message: 'exactly one of the fields options and option_groups is required',
    });
  }
  initialAmongOptions(element, context);
}

const several = { ...menu, max_selected_items: z.number().int().min(1).optional() };

/** Of several initial choices, no more than may be chosen. */
function initialWithinMaximum(field: 'initial_options' | 'initial_users' | 'initial_conversations') {
  return (
    element: { max_selected_items?: number | undefined } & Partial<Record<typeof field, unknown>>,
    context: z.RefinementCtx,
  ): void => {
    const initial = element[field];
    const { max_selected_items: maximum = Number.POSITIVE_INFINITY } = element;
    if (!Array.isArray(initial) || initial.length <= maximum) return;
    context.addIssue({ code: 'custom', path: [field], message: `no more than ${maximum} items allowed` });
  };
}

const filter = z
  .strictObject({
    include: z
      .array(z.enum(['im', 'mpim', 'private', 'public']))
      .min(1)
      .optional(),
    exclude_external_shared_channels: z.boolean().optional(),
    exclude_bot_users: z.boolean().optional(),
  })
  .optional();
const conversations = { default_to_current_conversation: z.boolean().optional(), filter };
const min_query_length = z.number().int().min(0).optional();
const response_url_enabled = z.boolean().optional();
const initial_option = option.optional();
const initial_options = z.array(option).min(1).optional();

export const staticSelect = z
  .strictObject({ type: z.literal('static_select'), ...menu, ...options, initial_option })
  .superRefine(optionsOrGroups);

export const externalSelect = z.strictObject({
  type: z.literal('external_select'),
  ...menu,
  initial_option,
  min_query_length,
});

export const usersSelect = z.strictObject({
  type: z.literal('users_select'),
  ...menu,
  initial_user: z.string().optional(),
});

export const conversationsSelect = z.strictObject({
  type: z.literal('conversations_select'),
  ...menu,
  ...conversations,
  initial_conversation: z.string().optional(),
  response_url_enabled,
});

export const channelsSelect = z.strictObject({
  type: z.literal('channels_select'),
  ...menu,
  initial_channel: z.string().optional(),
  response_url_enabled,
});

export const multiStaticSelect = z
  .strictObject({ type: z.literal('multi_static_select'), ...several, ...options, initial_options })
  .superRefine(optionsOrGroups)
  .superRefine(initialWithinMaximum('initial_options'));

export const multiExternalSelect = z
  .strictObject({ type: z.literal('multi_external_select'), ...several, initial_options, min_query_length })
  .superRefine(initialWithinMaximum('initial_options'));

export const multiUsersSelect = z
  .strictObject({
    type: z.literal('multi_users_select'),
    ...several,
    initial_users: z.array(z.string()).optional(),
  })
  .superRefine(initialWithinMaximum('initial_users'));

export const multiConversationsSelect = z
  .strictObject({
    type: z.literal('multi_conversations_select'),
    ...several,
    ...conversations,
    initial_conversations: z.array(z.string()).optional(),
  })
  .superRefine(initialWithinMaximum('initial_conversations'));
