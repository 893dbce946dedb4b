import type { KnownBlock } from '@slack/types';
import { plainText } from './text.ts';

/** A message as Slack takes it. `text` is what notifications and logs show: never a secret in it. */
export interface Message {
  text: string;
  blocks: KnownBlock[];
}

/** One paragraph of markup, the reference of a failure or refusal below it. */
export function notice(markup: string, reference?: string): Message {
  return {
    text: markup,
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: markup } }, ...referenceBlocks(reference)],
  };
}

/** As {@link notice}, for words that hold what a person typed. */
export function plainNotice(text: string, reference?: string): Message {
  return {
    text: 'Keysmith did not understand that.',
    blocks: [{ type: 'section', text: plainText(text) }, ...referenceBlocks(reference)],
  };
}

function referenceBlocks(reference: string | undefined): KnownBlock[] {
  if (reference === undefined) return [];
  return [{ type: 'context', elements: [plainText(`Reference ${reference}`)] }];
}
