import type { MessageContent } from '../conversation-log.ts';
import { blockList } from './blocks.ts';
import { normalizeBlocks } from './normalize.ts';
import { check } from './problems.ts';

const maximumTextLength = 40_000;
const messageBlocks = blockList(50);

export type CheckedMessage =
  | { ok: true; content: MessageContent }
  | { ok: false; error: 'no_text' | 'msg_too_long' | 'invalid_blocks_format' }
  | {
      ok: false;
      error: 'invalid_blocks' | 'invalid_arguments';
      problems: string[];
    };

/** `text` or `blocks` has to be there; both within Slack's limits. */
export function checkMessage(message: {
  text?: unknown;
  blocks?: unknown;
  attachments?: unknown;
}): CheckedMessage {
  const { text, blocks, attachments } = message;
  if (attachments !== undefined) {
    const problems = ['attachments are not part of this sandbox [json-pointer:/attachments]'];
    return { ok: false, error: 'invalid_arguments', problems };
  }
  if (text !== undefined && typeof text !== 'string') {
    return {
      ok: false,
      error: 'invalid_arguments',
      problems: ['must provide a string [json-pointer:/text]'],
    };
  }
  if (blocks !== undefined && !Array.isArray(blocks)) return { ok: false, error: 'invalid_blocks_format' };
  if (!text && !blocks?.length) return { ok: false, error: 'no_text' };
  if (text && text.length > maximumTextLength) return { ok: false, error: 'msg_too_long' };
  const checked = check(messageBlocks, blocks ?? [], '/blocks');
  if (!checked.ok) return { ok: false, error: 'invalid_blocks', problems: checked.problems };
  return {
    ok: true,
    content: { text: text ?? '', blocks: normalizeBlocks(checked.value) },
  };
}
