import './message.css';
import './thread.css';
import { type ReactNode, useMemo, useState } from 'react';
import { Button } from 'react-aria-components';
import type { Conversation, PageWorkspace } from '../../../slack/protocol/page-protocol.ts';
import { ConversationPicture } from '../../look/avatar.tsx';
import { Icon } from '../../look/icons.tsx';
import { relativeDay } from '../../mrkdwn/slack-date.ts';
import { titleOf } from '../../session/directory.ts';
import { useSessionState } from '../../session/session.ts';
import { Composer } from '../composer/composer.tsx';
import { useComposerLine } from '../composer/composer-line.ts';
import { Message } from './message.tsx';
import { layOut, type Row } from './message-rows.ts';
import { useFocusLost, useStayAtBottom } from './scroll-and-focus.ts';
import { DeletedMessage } from './thread-link.tsx';
import { ThreadPane } from './thread-pane.tsx';

/** The command that the sandbox suggests first. */
const FIRST_COMMAND = '/wandb service-account new';

export function MessagesPane({ conversation }: { conversation: Conversation }) {
  const { app } = useSessionState().workspace;
  const isReadOnly = conversation.kind === 'app_dm' && app.messagesTabReadOnly === true;
  return isReadOnly ? (
    <ReadOnlyMessages conversation={conversation} />
  ) : (
    <WritableMessages conversation={conversation} />
  );
}

function ReadOnlyMessages({ conversation }: { conversation: Conversation }) {
  return (
    <WithThread conversation={conversation} isReadOnly>
      {(openThread) => (
        <>
          <MessageList conversation={conversation} onThread={openThread} />
          <p className="sending-off">Sending messages to this app has been turned off.</p>
        </>
      )}
    </WithThread>
  );
}

interface WithThreadProps {
  conversation: Conversation;
  isReadOnly?: boolean;
  children: (openThread: (ts: string) => void) => ReactNode;
}

/** Shows the conversation, and beside it the thread that is open. */
function WithThread({ conversation, isReadOnly = false, children }: WithThreadProps) {
  const [thread, setThread] = useState<string>();
  const close = (): void => {
    setThread(undefined);
    document.querySelector<HTMLElement>(`[data-thread="${thread}"]`)?.focus();
  };
  return (
    <div className="with-thread">
      <div className="conversation-column">{children(setThread)}</div>
      {thread !== undefined && (
        <ThreadPane
          key={thread}
          conversation={conversation}
          ts={thread}
          isReadOnly={isReadOnly}
          onClose={close}
        />
      )}
    </div>
  );
}

function WritableMessages({ conversation }: { conversation: Conversation }) {
  const { workspace } = useSessionState();
  const composer = useComposerLine(workspace.me.id, conversation);
  return (
    <WithThread conversation={conversation}>
      {(openThread) => (
        <>
          <MessageList
            conversation={conversation}
            onThread={openThread}
            onTry={composer.fill}
            onFocusLost={() => composer.fieldRef.current?.focus()}
          />
          <Composer conversation={conversation} composer={composer} />
        </>
      )}
    </WithThread>
  );
}

interface MessageListProps {
  conversation: Conversation;
  onThread: (ts: string) => void;
  /** Absent where nothing can be typed. */
  onTry?: (line: string) => void;
  /** Called when the message that had the focus was removed; by default, the list takes the focus. */
  onFocusLost?: () => void;
}

/** A live region: screen readers announce messages added after the first load. */
function MessageList({ conversation, onThread, onTry, onFocusLost }: MessageListProps) {
  const { messages: all, workspace } = useSessionState();
  const rows = useMemo(() => layOut(all ?? []), [all]);
  const messages = useMemo(() => all?.filter(({ thread }) => thread === undefined), [all]);
  const { logRef, hasNewMessages, scrollToBottom } = useStayAtBottom(messages, workspace.me.id);
  const focusProps = useFocusLost(messages, onFocusLost ?? (() => logRef.current?.focus()));
  return (
    <div className="messages-frame">
      <div
        className="messages"
        role="log"
        aria-label={`Messages in ${conversation.name}`}
        aria-busy={messages === undefined}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable with the keyboard.
        tabIndex={0}
        ref={logRef}
        {...focusProps}
      >
        {messages && (
          <Beginning conversation={conversation} isEmpty={messages.length === 0} {...(onTry && { onTry })} />
        )}
        {rows.map((row) => (
          <MessageRow key={row.key} row={row} onThread={onThread} />
        ))}
      </div>
      {hasNewMessages && (
        <Button className="new-messages" onPress={scrollToBottom}>
          <Icon name="chevron-down" />
          New messages
        </Button>
      )}
    </div>
  );
}

function MessageRow({ row, onThread }: { row: Row; onThread: (ts: string) => void }) {
  const { directory } = useSessionState();
  switch (row.kind) {
    case 'day':
      return <DayDivider day={row.day} />;
    case 'deleted':
      return <DeletedMessage row={row} directory={directory} onThread={onThread} />;
    case 'message':
      return (
        <Message
          message={row.message}
          isCompact={row.isCompact}
          directory={directory}
          onThread={onThread}
          {...(row.thread && { thread: row.thread })}
        />
      );
  }
}

interface BeginningProps {
  conversation: Conversation;
  /** Whether the conversation is still empty, so that a first command is suggested. */
  isEmpty: boolean;
  onTry?: (line: string) => void;
}

/** The introduction above the first message. */
function Beginning({ conversation, isEmpty, onTry }: BeginningProps) {
  const { workspace } = useSessionState();
  const command = suggestion(workspace);
  return (
    <div className="beginning">
      <h2>
        <ConversationPicture conversation={conversation} />
        {titleOf(workspace, conversation)}
      </h2>
      <p>{describe(workspace, conversation)}</p>
      {isEmpty && onTry && (
        <Button className="suggestion" onPress={() => onTry(command)}>
          Try <code>{command}</code>
        </Button>
      )}
    </div>
  );
}

function suggestion({ commands }: PageWorkspace): string {
  const isKnown = commands.some(({ command }) => FIRST_COMMAND.startsWith(`${command} `));
  return isKnown ? FIRST_COMMAND : (commands[0]?.command ?? FIRST_COMMAND);
}

function describe(workspace: PageWorkspace, conversation: Conversation): string {
  const { app } = workspace;
  const { kind, hasApp } = conversation;
  const name = titleOf(workspace, conversation);
  switch (kind) {
    case 'app_dm':
      return `This is the very beginning of your direct messages with ${app.name}. Only the two of you are in this conversation.`;
    case 'person_dm':
      return `This is the very beginning of your direct messages with ${name}.`;
    case 'public':
    case 'private': {
      const membership = hasApp
        ? `${app.name} is in this channel.`
        : `${app.name} isn’t in this channel, but its commands still work.`;
      return `This is the very beginning of the ${kind === 'private' ? 'private ' : ''}channel ${name}. ${membership}`;
    }
  }
}

function DayDivider({ day }: { day: Date }) {
  return (
    <div className="day">
      <span>{nameOf(day)}</span>
    </div>
  );
}

function nameOf(day: Date): string {
  const relative = relativeDay(day, new Date());
  if (relative !== undefined) return relative[0]?.toUpperCase() + relative.slice(1);
  return new Intl.DateTimeFormat(undefined, { weekday: 'long', month: 'long', day: 'numeric' }).format(day);
}
