import { Button } from 'react-aria-components';
import type { Conversation, Workspace } from '../../slack/protocol/page-protocol.ts';
import { Icon } from '../look/icons.tsx';
import { titleOf } from '../session/other-person.ts';
import { useSessionState } from '../session/use-session.ts';
import { ConversationPicture } from '../sidebar/conversation-picture.tsx';

interface ConversationHeaderProps {
  conversation: Conversation;
  onSidebar?: () => void;
}

export function ConversationHeader({ conversation, onSidebar }: ConversationHeaderProps) {
  const { workspace } = useSessionState();
  return (
    <header className="conversation-header">
      {onSidebar && (
        <Button className="icon-button" aria-label="Show conversations" onPress={onSidebar}>
          <Icon name="menu" />
        </Button>
      )}
      <h1>
        <ConversationPicture conversation={conversation} />
        <span>{titleOf(workspace, conversation)}</span>
        {conversation.kind === 'app_dm' && <span className="app-badge">APP</span>}
      </h1>
      <Membership workspace={workspace} conversation={conversation} />
    </header>
  );
}

function Membership({ workspace: { app }, conversation: { kind, hasApp } }: MembershipProps) {
  if (kind === 'app_dm' || kind === 'person_dm') return null;
  return (
    <span className="membership">
      <Icon name="people" />
      {hasApp ? `${app.name} is in this channel` : `${app.name} is not in this channel`}
    </span>
  );
}

interface MembershipProps {
  workspace: Workspace;
  conversation: Conversation;
}
