import type { MrkdwnElement, PlainTextElement } from '@slack/types';
import type { Directory } from './directory.ts';
import { emojiGlyph } from './emoji.ts';
import { drawMrkdwn } from './mrkdwn-view.ts';

/** A text object of Block Kit. Plain text is shown as it is, but for emoji names where it asks for them. */
export function drawText(text: PlainTextElement | MrkdwnElement, directory: Directory): Node {
  if (text.type === 'mrkdwn')
    return drawMrkdwn(text.text, directory, {
      verbatim: text.verbatim === true,
    });
  return document.createTextNode(plainText(text));
}

export function plainText(text: PlainTextElement): string {
  if (text.emoji !== true) return text.text;
  return text.text.replace(/:([a-z0-9_+-]{1,40}):/g, (typed, name) => emojiGlyph(name) ?? typed);
}
