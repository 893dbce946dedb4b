import { z } from 'zod';

/*
 * Slack's payloads (docs.slack.dev/interactivity), reduced to what Keysmith reads; other keys are ignored. A signed body of
 * any other shape is rejected before Bolt sees it.
 */

const id = z.string().min(1).max(255);
const user = z.object({ id, team_id: id.optional() });
const team = z.object({ id }).nullish();
const plainText = z.object({ type: z.string(), text: z.string() });
const option = z.object({ text: plainText, value: z.string().max(500) });

/** What can be chosen in an element. */
const chosen = {
  selected_option: option.nullish(),
  selected_options: z.array(option).max(100).nullish(),
  selected_date: z.string().nullish(),
  selected_user: z.string().nullish(),
  selected_users: z.array(z.string()).max(1_000).nullish(),
  selected_conversation: z.string().nullish(),
};

/** The state of one element of a view. */
const elementState = z.object({
  type: z.string(),
  value: z.string().nullish(),
  ...chosen,
});
export type ElementState = z.infer<typeof elementState>;

const state = z.object({
  values: z.record(z.string(), z.record(z.string(), elementState)),
});

const view = z.object({
  id,
  type: z.enum(['modal', 'home']).default('modal'),
  hash: z.string().optional(),
  callback_id: z.string().max(255).default(''),
  external_id: z.string().max(255).default(''),
  private_metadata: z.string().max(3000).default(''),
  state: state.optional(),
});
export type ViewPayload = z.infer<typeof view>;

const action = z.object({
  type: z.string(),
  action_id: z.string().max(255),
  block_id: z.string().max(255),
  /** Of a button, or of a text that was typed. */
  value: z.string().max(3000).nullish(),
  ...chosen,
});
export type ActionPayload = z.infer<typeof action>;

export const slashCommand = z.object({
  command: z.string().startsWith('/').max(255),
  text: z.string().default(''),
  user_id: id,
  team_id: id,
  channel_id: id,
  channel_name: z.string().default(''),
  response_url: z.string().max(2000),
  trigger_id: id,
});
export type SlashCommandPayload = z.infer<typeof slashCommand>;

export const blockActions = z.object({
  type: z.literal('block_actions'),
  user,
  team,
  trigger_id: id.optional(),
  response_url: z.string().max(2000).optional(),
  channel: z.object({ id }).optional(),
  message: z.object({ ts: z.string() }).optional(),
  container: z.object({
    type: z.string(),
    message_ts: z.string().optional(),
    is_ephemeral: z.boolean().optional(),
  }),
  view: view.nullish(),
  actions: z.array(action).min(1),
});
export type BlockActionsPayload = z.infer<typeof blockActions>;

export const viewSubmission = z.object({
  type: z.literal('view_submission'),
  user,
  team,
  view,
});
export type ViewSubmissionPayload = z.infer<typeof viewSubmission>;

const viewClosed = z.object({
  type: z.literal('view_closed'),
  user,
  team,
  view,
});

export const blockSuggestion = z.object({
  type: z.literal('block_suggestion'),
  user,
  team,
  action_id: z.string().max(255),
  block_id: z.string().max(255),
  value: z.string().max(3000),
});
export type BlockSuggestionPayload = z.infer<typeof blockSuggestion>;

export const globalShortcut = z.object({
  type: z.literal('shortcut'),
  user,
  team,
  callback_id: z.string().max(255),
  trigger_id: id,
});
export type GlobalShortcutPayload = z.infer<typeof globalShortcut>;

const MAX_TEXTS = 10_000;

/** The texts in a message's blocks or attachments, whatever their structure. A second parse keeps them. */
const texts = z
  .array(z.unknown())
  .nullish()
  .transform((parts) => stringsIn(parts ?? []))
  .pipe(z.array(z.string()).max(MAX_TEXTS));

export const messageShortcut = z.object({
  type: z.literal('message_action'),
  user,
  team: z.object({ id, domain: z.string().max(255).optional() }).nullish(),
  callback_id: z.string().max(255),
  trigger_id: id,
  response_url: z.string().max(2000).optional(),
  channel: z.object({ id }).optional(),
  message_ts: z.string().max(50).optional(),
  message: z
    .object({
      // Slack truncates longer texts at 40,000 characters.
      text: z.string().max(100_000).nullish(),
      blocks: texts,
      attachments: texts,
    })
    .optional(),
});
export type MessageShortcutPayload = z.infer<typeof messageShortcut>;

/** Returns every string in nested lists and objects, each once, in any order. */
function stringsIn(parts: readonly unknown[]): string[] {
  const found = new Set<string>();
  const left: unknown[] = [parts];
  while (left.length > 0) {
    const part = left.pop();
    if (typeof part === 'string') found.add(part);
    else if (typeof part === 'object' && part !== null)
      for (const value of Object.values(part)) left.push(value);
  }
  return [...found];
}

/** Every payload that Slack sends in the form field `payload`. */
export const interaction = z.discriminatedUnion('type', [
  blockActions,
  viewSubmission,
  viewClosed,
  blockSuggestion,
  globalShortcut,
  messageShortcut,
]);
