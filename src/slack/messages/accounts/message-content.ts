import type { KnownBlock } from '@slack/types';
import type { ListPage } from '../../../application/accounts/list-service-accounts.ts';
import { listPageValue, readListPage } from './list-page-value.ts';

/*
 * What a message shows, in the `block_id` of each block with a button or menu, so that the message can change in place after an
 * action that was started from it: of an ephemeral message, Slack reports only that.
 */
type MessageContent =
  | { kind: 'account'; accountId: string }
  | { kind: 'list'; page: ListPage }
  /** Keys that were found in a message. */
  | ReportedKeys;
export interface ReportedKeys {
  kind: 'keys';
  keyIds: readonly string[];
  hasOthers: boolean;
  hasMore: boolean;
}

const OTHER_KEYS = 'others';
const MORE_KEYS = 'more';

/** Slack's limit. */
const MAX_BLOCK_ID_LENGTH = 255;

/** Returns the blocks with their content. Of a page whose names are too long for that, the first one is shown afterwards, or none. */
export function withContent(blocks: readonly KnownBlock[], content: MessageContent): KnownBlock[] {
  return blocks.map((block, index) => {
    const isInteractive = block.type === 'actions' || (block.type === 'section' && 'accessory' in block);
    const blockId = isInteractive
      ? idsOf(content, index).find((id) => id.length <= MAX_BLOCK_ID_LENGTH)
      : undefined;
    return blockId === undefined ? block : { ...block, block_id: blockId };
  });
}

function idsOf(content: MessageContent, index: number): string[] {
  if (content.kind === 'account') return [`account:${index}:${content.accountId}`];
  if (content.kind === 'keys') {
    const { keyIds, hasOthers, hasMore } = content;
    const marks = [...(hasOthers ? [OTHER_KEYS] : []), ...(hasMore ? [MORE_KEYS] : [])];
    return [`keys:${index}:${[...keyIds, ...marks].join()}`];
  }
  const { start, ...filter } = content.page;
  return [`list:${index}:${listPageValue(filter, start)}`, `list:${index}:${listPageValue(filter)}`];
}

/** Reads a `block_id`. Undefined for a block of any other message. */
export function readContent(blockId: string): MessageContent | undefined {
  const [, kind, value = ''] = /^(account|list|keys):\d+:(.*)$/.exec(blockId) ?? [];
  if (kind === 'account') return { kind, accountId: value };
  if (kind === 'keys') {
    const ids = value.split(',');
    return {
      kind,
      keyIds: ids.filter((id) => id !== OTHER_KEYS && id !== MORE_KEYS),
      hasOthers: ids.includes(OTHER_KEYS),
      hasMore: ids.includes(MORE_KEYS),
    };
  }
  return kind === 'list' ? { kind, page: readListPage(value) } : undefined;
}
