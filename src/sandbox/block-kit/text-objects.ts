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
