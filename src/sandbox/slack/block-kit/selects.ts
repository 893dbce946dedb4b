import { z } from 'zod';
import { initialAmongOptions, menu, option, optionGroup } from './composition-objects.ts';

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

/** Creates a refinement: no more initial choices than `max_selected_items`. */
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
