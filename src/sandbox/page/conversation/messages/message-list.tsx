import './message.css';
import { useMemo } from 'react';
import { Button } from 'react-aria-components';
import type { Conversation } from '../../../slack/protocol/page-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { useSessionState } from '../../session/use-session.ts';
import { Beginning } from './beginning.tsx';
import { DayDivider } from './day-divider.tsx';
import { layOut } from './lay-out.ts';
import { Message } from './message.tsx';
import { useFocusLost } from './use-focus-lost.ts';
import { useStayAtBottom } from './use-stay-at-bottom.ts';

interface MessageListProps {
  conversation: Conversation;
  onTry: (line: string) => void;
  /** What had the focus is gone with its message. */
  onFocusLost: () => void;
}

/** A live region once it is filled: what is added then is read out. */
export function MessageList({ conversation, onTry, onFocusLost }: MessageListProps) {
  const { messages, directory, workspace } = useSessionState();
  const rows = useMemo(() => layOut(messages ?? []), [messages]);
  const { logRef, hasNews, toBottom } = useStayAtBottom(messages, workspace.me.id);
  const focusProps = useFocusLost(messages, onFocusLost);
  return (
    <div className="messages-frame">
      <div
        className="messages"
        role="log"
        aria-label={`Messages in ${conversation.name}`}
        aria-busy={messages === undefined}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard.
        tabIndex={0}
        ref={logRef}
        {...focusProps}
      >
        {messages && <Beginning conversation={conversation} isEmpty={messages.length === 0} onTry={onTry} />}
        {rows.map((row) =>
          row.kind === 'day' ? (
            <DayDivider key={row.key} day={row.day} />
          ) : (
            <Message key={row.key} message={row.message} isCompact={row.isCompact} directory={directory} />
          ),
        )}
      </div>
      {hasNews && (
        <Button className="new-messages" onPress={toBottom}>
          <Icon name="chevron-down" />
          New messages
        </Button>
      )}
    </div>
  );
}
