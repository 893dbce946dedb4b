import { Button } from 'react-aria-components';
import { Avatar } from '../../look/avatar.tsx';
import { Icon } from '../../look/icons.tsx';
import { relativeDay } from '../../mrkdwn/slack-date.ts';
import type { Directory } from '../../session/directory.ts';
import type { Row, ThreadSummary } from './message-rows.ts';

const MAXIMUM_AVATARS = 5;

interface ThreadLinkProps {
  thread: ThreadSummary;
  directory: Directory;
  onOpen: () => void;
}

/** The line below a message that shows how many replies it has, and opens them. */
export function ThreadLink({ thread, directory, onOpen }: ThreadLinkProps) {
  return (
    <Button className="thread-link" data-thread={thread.ts} onPress={onOpen}>
      {thread.users.slice(0, MAXIMUM_AVATARS).map((user) => (
        <Avatar key={user} author={directory.author(user)} />
      ))}
      <span className="thread-count">{replyCount(thread.count)}</span>
      <span className="thread-last">Last reply {momentOf(thread.lastReply)}</span>
      <Icon name="chevron-right" />
    </Button>
  );
}

export function replyCount(count: number): string {
  return count === 1 ? '1 reply' : `${count} replies`;
}

function momentOf(time: Date): string {
  const relative = relativeDay(time, new Date());
  const day = relative ?? new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' }).format(time);
  return `${day} at ${new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' }).format(time)}`;
}

interface DeletedMessageProps {
  row: Extract<Row, { kind: 'deleted' }>;
  directory: Directory;
  onThread?: (ts: string) => void;
}

/** What remains of a deleted message that has replies. */
export function DeletedMessage({ row, directory, onThread }: DeletedMessageProps) {
  const { thread } = row;
  return (
    <article className="message" aria-label="Deleted message">
      <div className="gutter">
        <span className="deleted-mark">
          <Icon name="trash" />
        </span>
      </div>
      <div className="message-main">
        <p className="deleted">This message was deleted.</p>
        {thread && onThread && (
          <ThreadLink thread={thread} directory={directory} onOpen={() => onThread(row.key)} />
        )}
      </div>
    </article>
  );
}
