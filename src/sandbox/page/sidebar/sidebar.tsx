import './sidebar.css';
import { ToggleButton } from 'react-aria-components';
import type { Conversation } from '../../slack/protocol/page-protocol.ts';
import { Icon } from '../look/icons.tsx';
import { useSessionState } from '../session/use-session.ts';
import { ConversationLink } from './conversation-link.tsx';
import { PeopleSwitcher } from './people-switcher.tsx';

export interface SidebarProps {
  hasPanel: boolean;
  onPanelChange: (hasPanel: boolean) => void;
}

/** Slack's own sidebar, and below it what belongs to the sandbox. */
export function Sidebar({ hasPanel, onPanelChange }: SidebarProps) {
  const { workspace } = useSessionState();
  return (
    <div className="sidebar">
      <header className="workspace-name">{workspace.team.name}</header>
      <Conversations />
      <section className="sandbox-card" aria-label="Sandbox">
        <p className="sandbox-note">Local sandbox</p>
        <PeopleSwitcher />
        <ToggleButton className="sandbox-tools" isSelected={hasPanel} onChange={onPanelChange}>
          <Icon name="code" />
          Developer tools
        </ToggleButton>
      </section>
    </div>
  );
}

function Conversations() {
  const { conversations } = useSessionState().workspace;
  const ofKind = (...kinds: Conversation['kind'][]) =>
    conversations.filter(({ kind }) => kinds.includes(kind));
  return (
    <nav className="conversations" aria-label="Conversations">
      <Section heading="Channels" conversations={ofKind('public', 'private')} />
      <Section heading="Direct messages" conversations={ofKind('person_dm')} />
      <Section heading="Apps" conversations={ofKind('app_dm')} />
    </nav>
  );
}

function Section({ heading, conversations }: { heading: string; conversations: Conversation[] }) {
  if (conversations.length === 0) return null;
  return (
    <>
      <h2 className="sidebar-heading">
        <Icon name="chevron-down" />
        {heading}
      </h2>
      <ul>
        {conversations.map((conversation) => (
          <li key={conversation.id}>
            <ConversationLink conversation={conversation} />
          </li>
        ))}
      </ul>
    </>
  );
}
