import { z } from 'zod';
import type { Sealer } from '../../domain/keys/sealed.ts';

/**
 * The shapes of what Slack sends (docs.slack.dev/interactivity), as far as Keysmith reads them. A signed body that has none
 * of them is refused before Bolt sees it. More keys may come; they are ignored.
 */

const id = z.string().min(1).max(255);
const user = z.object({ id, team_id: id.optional() });
const team = z.object({ id }).nullish();
const plainText = z.object({ type: z.string(), text: z.string() });
const option = z.object({ text: plainText, value: z.string().max(500) });

/** What an element of a form holds. */
const elementState = z.object({
  type: z.string(),
  value: z.string().nullish(),
  selected_option: option.nullish(),
  selected_user: z.string().nullish(),
});
export type ElementState = z.infer<typeof elementState>;

const state = z.object({
  values: z.record(z.string(), z.record(z.string(), elementState)),
});

const view = z.object({
  id,
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
  value: z.string().max(2000).optional(),
  selected_option: option.nullish(),
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

export const shortcut = z.object({
  type: z.enum(['shortcut', 'message_action']),
  user,
  team,
  callback_id: z.string().max(255),
  trigger_id: id,
  response_url: z.string().max(2000).optional(),
});

/** Everything that comes as `payload=`. */
export const interaction = z.discriminatedUnion('type', [
  blockActions,
  viewSubmission,
  viewClosed,
  blockSuggestion,
  shortcut,
]);

const isAvailable = z.object({ available: z.literal(true) });
const features = z.object({
  keysExpire: z.boolean(),
  apiKeys: z.discriminatedUnion('available', [
    isAvailable,
    z.object({ available: z.literal(false), reason: z.enum(['no_key_shown', 'not_supported']) }),
  ]),
  federated: z.discriminatedUnion('available', [
    isAvailable,
    z.object({ available: z.literal(false), reason: z.enum(['not_supported', 'no_issuer']) }),
  ]),
});

const metadata = z.object({
  /** Equal to the view's `external_id`: what was sealed for one view opens no other. */
  formId: z.string(),
  slackUserId: z.string(),
  channelId: z.string(),
  responseUrl: z.string(),
  /** When Slack gave the response URL out, in milliseconds. */
  openedAtMs: z.number(),
  /** What the form was shown with, for when that can't be read again; absent before it is known. */
  features: features.optional(),
  /** What stood in fields that the other authentication method has swapped out. */
  kept: z.object({ expires: z.string(), issuer: z.string(), subject: z.string() }).partial(),
});

/** What a form carries along in its `private_metadata`. */
export type FormMetadata = z.infer<typeof metadata>;

/**
 * Seals a form's metadata: it holds a response URL, which is a secret, and comes back from outside, where it must not be
 * another form's or anybody's invention.
 */
export function createSealedMetadata(sealer: Sealer) {
  return {
    seal: (content: FormMetadata) => sealer.seal(JSON.stringify(content)),
    /** Undefined for what was not sealed here, for this view and this person. */
    async open(
      view: { private_metadata: string; external_id: string },
      slackUserId: string,
    ): Promise<FormMetadata | undefined> {
      const opened = await sealer.open(view.private_metadata);
      if (opened === undefined) return undefined;
      const content = metadata.parse(JSON.parse(opened));
      return content.formId === view.external_id && content.slackUserId === slackUserId ? content : undefined;
    },
  };
}

export type SealedMetadata = ReturnType<typeof createSealedMetadata>;
