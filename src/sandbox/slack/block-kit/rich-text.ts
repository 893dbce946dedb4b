import { z } from 'zod';
import { identifier } from './composition-objects.ts';

const style = z
  .strictObject({
    bold: z.boolean().optional(),
    italic: z.boolean().optional(),
    strike: z.boolean().optional(),
    code: z.boolean().optional(),
    underline: z.boolean().optional(),
  })
  .optional();

const text = z.strictObject({ type: z.literal('text'), text: z.string().min(1), style });
const link = z.strictObject({
  type: z.literal('link'),
  url: z.string().min(1),
  text: z.string().optional(),
  unsafe: z.boolean().optional(),
  style,
});
const user = z.strictObject({ type: z.literal('user'), user_id: z.string().min(1), style });
const channel = z.strictObject({ type: z.literal('channel'), channel_id: z.string().min(1), style });
const emoji = z.strictObject({
  type: z.literal('emoji'),
  name: z.string().min(1),
  unicode: z.string().optional(),
  style,
});

const inline = z.array(z.discriminatedUnion('type', [text, link, user, channel, emoji]));
const border = z.union([z.literal(0), z.literal(1)]).optional();

const section = z.strictObject({ type: z.literal('rich_text_section'), elements: inline });

export const richTextParts = {
  rich_text_section: section,
  rich_text_list: z.strictObject({
    type: z.literal('rich_text_list'),
    style: z.enum(['bullet', 'ordered']),
    elements: z.array(section),
    indent: z.number().int().min(0).optional(),
    offset: z.number().int().min(0).optional(),
    border,
  }),
  rich_text_preformatted: z.strictObject({
    type: z.literal('rich_text_preformatted'),
    elements: z.array(z.discriminatedUnion('type', [text, link])),
    border,
    language: z.string().optional(),
  }),
  rich_text_quote: z.strictObject({ type: z.literal('rich_text_quote'), elements: inline, border }),
};

export const richTextInline = { text, link, user, channel, emoji };

/** @see https://docs.slack.dev/reference/block-kit/blocks/rich-text-block */
export const richText = z.strictObject({
  type: z.literal('rich_text'),
  block_id: identifier.optional(),
  elements: z.array(
    z.discriminatedUnion('type', [
      richTextParts.rich_text_section,
      richTextParts.rich_text_list,
      richTextParts.rich_text_preformatted,
      richTextParts.rich_text_quote,
    ]),
  ),
});
