import type { Conversation } from '../../../slack/protocol/page-protocol.ts';
import { useSessionState } from '../../session/use-session.ts';
import { Composer } from '../composer/composer.tsx';
import { useComposerLine } from '../composer/use-composer-line.ts';
import { MessageList } from './message-list.tsx';

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
