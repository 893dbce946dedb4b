import { memo } from 'react';
import { Button, Menu, MenuItem, MenuTrigger, Popover, Text } from 'react-aria-components';
import type { PageMessage } from '../../../slack/protocol/page-protocol.ts';
import { Blocks } from '../../block-kit/blocks/blocks.tsx';
import { useSurface } from '../../block-kit/form/surface.ts';
import { Avatar } from '../../look/avatar.tsx';
import { Icon, Unseen } from '../../look/icons.tsx';
import { unescapeEntities } from '../../mrkdwn/mrkdwn-reference.ts';
import { Mrkdwn } from '../../mrkdwn/mrkdwn-view.tsx';
import type { Author, Directory } from '../../session/directory.ts';
import { useSession, useSessionState } from '../../session/session.ts';
import { ShortcutSection } from '../composer/shortcut-menu.tsx';
import { type ThreadSummary, timeOf } from './message-rows.ts';
import { ThreadLink } from './thread-link.tsx';

interface MessageProps {
  message: PageMessage;
  /** Whether the message continues a group, so its author isn't repeated. */
  isCompact: boolean;
  directory: Directory;
  /** The replies to the message, which are shown as a number; absent in a thread. */
  thread?: ThreadSummary;
  /** Opens the message's thread; absent in a thread. */
  onThread?: (ts: string) => void;
}

export const Message = memo(function Message(props: MessageProps) {
  const { message, isCompact, directory, thread, onThread } = props;
  const session = useSession();
  const author = directory.author(message.user);
  return (
    <article
      className={classOf(message, isCompact)}
      aria-label={`${author.name} at ${timeOf(message).toLocaleString()}`}
    >
      {message.ephemeral && (
        <p className="only-you">
          <Icon name="eye" />
          Only visible to you
        </p>
      )}
      <div className="gutter">
        {isCompact ? <Time message={message} isShort /> : <Avatar author={author} />}
      </div>
      <div className="message-main">
        {isCompact ? <Unseen>{author.name}</Unseen> : <Byline author={author} message={message} />}
        <Content message={message} directory={directory} />
        {message.edited && <span className="edited">(edited)</span>}
        {thread && onThread && (
          <ThreadLink thread={thread} directory={directory} onOpen={() => onThread(message.ts)} />
        )}
        {message.ephemeral && (
          <Button className="dismiss" onPress={() => session.dismiss(message)}>
            Dismiss message
          </Button>
        )}
      </div>
      {!message.ephemeral && <MessageMenu message={message} onThread={onThread} />}
    </article>
  );
});

function classOf({ ephemeral }: PageMessage, isCompact: boolean): string {
  return `message${isCompact ? ' message-compact' : ''}${ephemeral ? ' message-ephemeral' : ''}`;
}

function Byline({ author, message }: { author: Author; message: PageMessage }) {
  return (
    <div className="byline">
      <span className="author">{author.name}</span>
      {author.kind === 'app' && <span className="app-badge">APP</span>}
      <Time message={message} />
    </div>
  );
}

/** `isShort` leaves out AM and PM, as Slack does in the narrow column beside grouped messages. */
function Time({ message, isShort = false }: { message: PageMessage; isShort?: boolean }) {
  const time = timeOf(message);
  const parts = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' }).formatToParts(
    time,
  );
  const shown = parts.filter(({ type }) => !isShort || type !== 'dayPeriod').map(({ value }) => value);
  return (
    <time className="time" dateTime={time.toISOString()} title={time.toLocaleString()}>
      {shown.join('').trim()}
    </time>
  );
}

function Content({ message, directory }: { message: PageMessage; directory: Directory }) {
  if (message.blocks.length > 0) return <MessageBlocks message={message} />;
  return (
    <div className="text">
      <Mrkdwn text={message.text} directory={directory} />
    </div>
  );
}

function MessageBlocks({ message }: { message: PageMessage }) {
  const { conversation, ts, blocks } = message;
  const surface = useSurface({ conversation, ts });
  return <Blocks blocks={blocks} surface={surface} />;
}

const COPY = 'copy text';
const REPLY = 'reply in thread';

/** The toolbar that appears over a message on hover. */
function MessageMenu({
  message,
  onThread,
}: {
  message: PageMessage;
  onThread: ((ts: string) => void) | undefined;
}) {
  const session = useSession();
  const { app } = useSessionState().workspace;
  const shortcuts = app.shortcuts.filter(({ type }) => type === 'message');
  const { conversation, ts } = message;
  const act = (key: string): void => {
    if (key === COPY) void navigator.clipboard.writeText(unescapeEntities(message.text));
    else if (key === REPLY) onThread?.(ts);
    else void session.runShortcut(key, conversation, { conversation, ts });
  };
  return (
    <div className="message-toolbar">
      <MenuTrigger>
        <Button className="message-toolbar-button" aria-label="More actions">
          <Icon name="more" />
        </Button>
        <Popover className="popup" placement="bottom end">
          <Menu className="menu" aria-label="More actions" onAction={(key) => act(String(key))}>
            {onThread && (
              <MenuItem id={REPLY} className="popup-item" textValue="Reply in thread">
                <Icon name="message" />
                <Text slot="label">Reply in thread</Text>
              </MenuItem>
            )}
            <MenuItem id={COPY} className="popup-item" textValue="Copy text">
              <Icon name="copy" />
              <Text slot="label">Copy text</Text>
            </MenuItem>
            <ShortcutSection appName={app.name} shortcuts={shortcuts} />
          </Menu>
        </Popover>
      </MenuTrigger>
    </div>
  );
}
