import './message.css';
import { useMemo } from 'react';
import { Button } from 'react-aria-components';
import type { Conversation, PageMessage, PageWorkspace } from '../../../slack/protocol/page-protocol.ts';
import { ConversationPicture } from '../../look/avatar.tsx';
import { Icon } from '../../look/icons.tsx';
import { relativeDay } from '../../mrkdwn/slack-date.ts';
import { titleOf } from '../../session/directory.ts';
import { useSessionState } from '../../session/session.ts';
import { Composer } from '../composer/composer.tsx';
import { useComposerLine } from '../composer/composer-line.ts';
import { Message, timeOf } from './message.tsx';
import { useFocusLost, useStayAtBottom } from './scroll-and-focus.ts';

/** The command that the sandbox suggests first. */
const FIRST_COMMAND = '/wandb service-account new';

/** Messages of one author within this time are grouped under one name. */
const GROUPING_WINDOW_MS = 5 * 60_000;

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
    <>
      <MessageList conversation={conversation} />
      <p className="sending-off">Sending messages to this app has been turned off.</p>
    </>
  );
}

function WritableMessages({ conversation }: { conversation: Conversation }) {
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

interface MessageListProps {
  conversation: Conversation;
  /** Absent where nothing can be typed. */
  onTry?: (line: string) => void;
  /** Called when the message that had the focus was removed; by default, the list takes the focus. */
  onFocusLost?: () => void;
}

/** A live region: screen readers announce messages added after the first load. */
function MessageList({ conversation, onTry, onFocusLost }: MessageListProps) {
  const { messages, directory, workspace } = useSessionState();
  const rows = useMemo(() => layOut(messages ?? []), [messages]);
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
        {rows.map((row) =>
          row.kind === 'day' ? (
            <DayDivider key={row.key} day={row.day} />
          ) : (
            <Message key={row.key} message={row.message} isCompact={row.isCompact} directory={directory} />
          ),
        )}
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

type Row =
  | { kind: 'day'; key: string; day: Date }
  | { kind: 'message'; key: string; message: PageMessage; isCompact: boolean };

/** Returns the messages of a conversation with dividers between its days. */
function layOut(messages: PageMessage[]): Row[] {
  const rows: Row[] = [];
  let previous: PageMessage | undefined;
  for (const message of messages) {
    const day = timeOf(message).toDateString();
    if (previous === undefined || timeOf(previous).toDateString() !== day) {
      rows.push({ kind: 'day', key: `day ${day}`, day: timeOf(message) });
      previous = undefined;
    }
    const isCompact = previous !== undefined && continuesGroup(previous, message);
    rows.push({ kind: 'message', key: message.ts, message, isCompact });
    previous = message;
  }
  return rows;
}

function continuesGroup(previous: PageMessage, message: PageMessage): boolean {
  if (previous.user !== message.user || previous.ephemeral || message.ephemeral) return false;
  return timeOf(message).getTime() - timeOf(previous).getTime() < GROUPING_WINDOW_MS;
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
