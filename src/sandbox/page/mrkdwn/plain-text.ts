import type { PlainTextElement } from '@slack/types';
import { emojiGlyph } from './emoji.ts';

/** What is read of a plain text object: names of emoji stand for their pictures where it asks for that. */
export function plainText(text: PlainTextElement): string {
  if (text.emoji !== true) return text.text;
  return text.text.replace(/:([a-z0-9_+-]{1,40}):/g, (typed, name) => emojiGlyph(name) ?? typed);
}
