import { z } from 'zod';
import type { Sealer } from '../../../domain/keys/sealed.ts';
import type { ReplyTo } from '../../web/reply.ts';
import type { ViewPayload } from '../payloads.ts';

const available = z.object({ available: z.literal(true) });

const features = z.object({
  keysExpire: z.boolean(),
  apiKeys: z.discriminatedUnion('available', [
    available,
    z.object({ available: z.literal(false), reason: z.enum(['no_key_shown', 'not_supported']) }),
  ]),
  /** Absent in a form that an earlier version opened. */
  accountsWithoutKey: z.boolean().default(false),
  organizationScope: z.boolean().optional(),
  federated: z.discriminatedUnion('available', [
    available,
    z.object({ available: z.literal(false), reason: z.enum(['not_supported', 'no_issuer']) }),
  ]),
});

const metadata = z.object({
  /** The view's `external_id`: metadata sealed for one view can't be opened for another. */
  formId: z.string(),
  slackUserId: z.string(),
  /** Both are empty for a form that wasn't opened in a conversation. */
  channelId: z.string(),
  responseUrl: z.string(),
  /** When Slack issued the response URL, in milliseconds. */
  openedAtMs: z.number(),
  /** The features that the form was built from, for when they can't be read again; absent before they are known. */
  features: features.optional(),
  /** What a form about the keys of an account is for. `keyId` is absent where it isn't about one key. */
  about: z
    .object({
      purpose: z.enum(['create', 'rotate', 'rename', 'revoke']),
      accountId: z.string(),
      keyId: z.string().optional(),
    })
    .optional(),
  /** The block that the button is in, of a message or modal that changes in place; absent in any other form. */
  blockId: z.string().optional(),
  /** That modal. */
  viewId: z.string().optional(),
  /** Values of the fields that the chosen team or authentication method hides. */
  kept: z
    .object({
      expires: z.string(),
      expires_on: z.string(),
      issuer: z.string(),
      issuerLabel: z.string(),
      subject: z.string(),
      reason: z.string(),
      urgent: z.string(),
    })
    .partial(),
});

/** The content of a form's `private_metadata`. */
export type FormMetadata = z.infer<typeof metadata>;

/** Returns the kept values of hidden fields. An empty field that is shown was cleared by the person. */
export function hiddenValues({ kept }: FormMetadata, shown: ReadonlySet<string>): FormMetadata['kept'] {
  return Object.fromEntries(Object.entries(kept).filter(([field]) => !shown.has(field)));
}

/** The message, or the modal, with the button that opened a form. */
const origin = z.object({
  slackUserId: z.string(),
  responseUrl: z.string(),
  /** Says what the message shows. */
  blockId: z.string(),
  /** Set if it is a modal below the form. */
  viewId: z.string().optional(),
});
export type MessageOrigin = z.infer<typeof origin>;

/** Slack's limit for `private_metadata`. */
const MAX_METADATA_LENGTH = 3_000;

export function isInConversation({ channelId }: Pick<FormMetadata, 'channelId'>): boolean {
  return channelId !== '';
}

/** Returns what is before the origin in metadata. */
export function ownMetadata({ private_metadata: text }: Pick<ViewPayload, 'private_metadata'>): string {
  return text.split('\n', 1)[0] ?? '';
}

export type FormMetadataSealer = ReturnType<typeof createFormMetadataSealer>;

/** Creates a sealer for forms' metadata, which contains a response URL (a secret) and comes back from outside. */
export function createFormMetadataSealer(sealer: Sealer) {
  return {
    seal: (content: FormMetadata): Promise<string> => sealer.seal(JSON.stringify(content)),
    /** Returns undefined for anything that wasn't sealed here, for this view and this person. */
    async open(
      view: Pick<ViewPayload, 'private_metadata' | 'external_id'>,
      slackUserId: string,
    ): Promise<FormMetadata | undefined> {
      const opened = await sealer.open(view.private_metadata);
      if (opened === undefined) return undefined;
      const content = metadata.parse(JSON.parse(opened));
      return content.formId === view.external_id && content.slackUserId === slackUserId ? content : undefined;
    },
    /** Returns metadata of another form, with the message that it was opened from on a line of its own. */
    async withOrigin(
      own: string,
      { replyTo, blockId }: { replyTo: ReplyTo; blockId?: string | undefined },
    ): Promise<string> {
      const { slackUserId, responseUrl, view } = replyTo;
      const viewId = view?.overViewId;
      if (blockId === undefined || (responseUrl ?? viewId) === undefined) return own;
      const content: MessageOrigin = { slackUserId, responseUrl: responseUrl ?? '', blockId, viewId };
      const both = `${own}\n${await sealer.seal(JSON.stringify(content))}`;
      return both.length <= MAX_METADATA_LENGTH ? both : own;
    },
    /** Returns the message that any form of this person was opened from. Undefined for one that Keysmith didn't seal. */
    async openOrigin(
      { private_metadata: text }: Pick<ViewPayload, 'private_metadata'>,
      slackUserId: string,
    ): Promise<MessageOrigin | undefined> {
      const opened = await sealer.open(text.slice(text.indexOf('\n') + 1));
      const read = opened === undefined ? undefined : origin.safeParse(JSON.parse(opened));
      return read?.data?.slackUserId === slackUserId ? read.data : undefined;
    },
  };
}
