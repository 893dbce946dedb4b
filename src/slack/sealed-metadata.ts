import { z } from 'zod';
import type { Sealer } from '../domain/sealed.ts';

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
