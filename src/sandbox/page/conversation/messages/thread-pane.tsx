import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Button, TextArea, TextField } from 'react-aria-components';
import type { Conversation } from '../../../slack/protocol/page-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { titleOf } from '../../session/directory.ts';
import { useSession, useSessionState } from '../../session/session.ts';
import { Message } from './message.tsx';
import { layOutReplies, repliesTo } from './message-rows.ts';
import { DeletedMessage, replyCount } from './thread-link.tsx';

interface ThreadPaneProps {
  conversation: Conversation;
  /** The message with the replies. */
  ts: string;
  /** Whether people can't reply. */
  isReadOnly: boolean;
  onClose: () => void;
}

/** A message and its replies, beside the conversation; on a phone, above it. */
export function ThreadPane({ conversation, ts, isReadOnly, onClose }: ThreadPaneProps) {
  const { workspace } = useSessionState();
  const pane = useRef<HTMLElement>(null);
  useEffect(() => pane.current?.focus(), []);
  const closeOnEscape = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && !event.defaultPrevented) onClose();
  };
  const isChannel = conversation.kind === 'public' || conversation.kind === 'private';
  return (
    <aside className="thread" aria-label="Thread" tabIndex={-1} ref={pane} onKeyDown={closeOnEscape}>
      <header className="thread-header">
        <h2>Thread</h2>
        <span className="thread-place">
          {isChannel ? '#' : ''}
          {titleOf(workspace, conversation)}
        </span>
        <Button className="icon-button" aria-label="Close thread" onPress={onClose}>
          <Icon name="cross" />
        </Button>
      </header>
      <ThreadMessages ts={ts} />
      {isReadOnly || <ReplyField conversation={conversation} ts={ts} />}
    </aside>
  );
}

function ThreadMessages({ ts }: { ts: string }) {
  const { messages = [], directory } = useSessionState();
  const parent = messages.find((message) => message.ts === ts);
  const replies = repliesTo(messages, ts);
  const list = useRef<HTMLDivElement>(null);
  const last = replies.at(-1)?.ts;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new reply comes into view.
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [last]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable with the keyboard.
    <div className="thread-messages" role="log" aria-label="Messages in the thread" tabIndex={0} ref={list}>
      {parent ? (
        <Message message={parent} isCompact={false} directory={directory} />
      ) : (
        <DeletedMessage row={{ kind: 'deleted', key: ts, thread: undefined }} directory={directory} />
      )}
      {replies.length > 0 && <p className="thread-divider">{replyCount(replies.length)}</p>}
      {layOutReplies(replies).map(({ key, message, isCompact }) => (
        <Message key={key} message={message} isCompact={isCompact} directory={directory} />
      ))}
    </div>
  );
}

function ReplyField({ conversation, ts }: { conversation: Conversation; ts: string }) {
  const session = useSession();
  const [line, setLine] = useState('');
  const [problem, setProblem] = useState<string>();
  const send = async (): Promise<void> => {
    const typed = line.trim();
    if (typed === '') return;
    const outcome = await session.reply({ conversation: conversation.id, ts }, typed);
    if (outcome.ok) setLine('');
    setProblem(!outcome.ok && 'message' in outcome ? outcome.message : undefined);
  };
  const sendOnEnter = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };
  return (
    <div className="composer reply-composer" onKeyDownCapture={sendOnEnter}>
      <div className="composer-box">
        <TextField aria-label="Reply" className="composer-field" value={line} onChange={setLine}>
          <TextArea rows={1} placeholder="Reply…" />
        </TextField>
        <div className="composer-actions">
          <Button
            className={line.trim() === '' ? 'send' : 'send ready'}
            aria-label="Send reply"
            isDisabled={line.trim() === ''}
            onPress={() => void send()}
          >
            <Icon name="send" />
          </Button>
        </div>
      </div>
      <p className="composer-note" role="status">
        {problem}
      </p>
    </div>
  );
}
