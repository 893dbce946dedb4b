import type { Conversation } from '../../slack/protocol/page-protocol.ts';
import { Avatar } from '../look/avatar.tsx';
import { Icon } from '../look/icons.tsx';
import { otherPerson } from '../session/other-person.ts';
import { useSessionState } from '../session/use-session.ts';

/** `#` or a lock for a channel, the other side's avatar for a direct message. */
export function ConversationPicture({ conversation }: { conversation: Conversation }) {
  const { workspace, directory } = useSessionState();
  switch (conversation.kind) {
    case 'public':
      return <Icon name="hash" />;
    case 'private':
      return <Icon name="lock" />;
    case 'app_dm':
      return <Avatar author={directory.author(workspace.app.botUserId)} />;
    case 'person_dm':
      return <Avatar author={directory.author(otherPerson(workspace, conversation)?.id ?? '')} />;
  }
}
