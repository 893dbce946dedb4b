import type { ConversationsSelect as ConversationsSelectElement } from '@slack/types';
import { Icon } from '../../look/icons.tsx';
import type { Directory } from '../../session/directory.ts';
import type { Choice } from '../elements/choice.ts';

type Kind = NonNullable<NonNullable<ConversationsSelectElement['filter']>['include']>[number];

const SIGNS = { public: 'hash', private: 'lock', im: 'person', mpim: 'people' } as const;

/** The conversations of those kinds, all of them without `kinds`. */
export function conversationChoices(directory: Directory, kinds?: Kind[]): Choice[] {
  return directory.conversations
    .filter((conversation) => kinds === undefined || kinds.includes(kindOf(conversation)))
    .map((conversation) => ({
      key: conversation.id,
      text: conversation.name,
      mark: <Icon name={SIGNS[kindOf(conversation)]} />,
    }));
}

function kindOf({ id, kind }: { id: string; kind?: string }): Kind {
  if (id.startsWith('D')) return 'im';
  return kind === 'private' ? 'private' : 'public';
}
