import type { Conversation } from '../../slack/protocol/page-protocol.ts';
import { Unseen } from '../look/unseen.tsx';
import { writeAddress } from '../session/address.ts';
import { titleOf } from '../session/other-person.ts';
import { useSessionState } from '../session/use-session.ts';
import { ConversationPicture } from './conversation-picture.tsx';

export function ConversationLink({ conversation }: { conversation: Conversation }) {
  const { workspace, shown, unread: unreadConversations } = useSessionState();
  const { id, kind } = conversation;
  const unread = unreadConversations.get(id);
  const isChannel = kind === 'public' || kind === 'private';
  return (
    <a
      href={writeAddress({ as: workspace.me.id, in: id })}
      className={unread ? 'sidebar-link unread' : 'sidebar-link'}
      aria-current={id === shown?.id ? 'page' : undefined}
    >
      <span className="sidebar-picture">
        <ConversationPicture conversation={conversation} />
        {!isChannel && <span className="presence" />}
      </span>
      <span className="sidebar-name">{titleOf(workspace, conversation)}</span>
      {kind === 'private' && <Unseen>, private</Unseen>}
      {unread && <Unseen>, unread</Unseen>}
      {unread !== undefined && unread.mentions > 0 && (
        <span className="sidebar-badge">
          {unread.mentions}
          <Unseen> for you</Unseen>
        </span>
      )}
    </a>
  );
}
