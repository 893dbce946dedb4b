import type { Conversation } from '../../page-protocol.ts';
import { useSessionState } from '../session/use-session.ts';
import { Composer } from './composer.tsx';
import { MessageList } from './message-list.tsx';
import { useComposerLine } from './use-composer-line.ts';

export function MessagesPane({ conversation }: { conversation: Conversation }) {
  const { workspace } = useSessionState();
  const composer = useComposerLine(workspace.me.id, conversation);
  return (
    <>
      <MessageList
        conversation={conversation}
        onTry={composer.fill}
        onFocusLost={() => composer.fieldRef.current?.focus()}
      />
      <Composer conversation={conversation} composer={composer} />
    </>
  );
}
