import './sidebar.css';
import { Button, Dialog, Modal, ModalOverlay, ToggleButton } from 'react-aria-components';
import type { Conversation, Person } from '../../slack/protocol/page-protocol.ts';
import { Avatar, ConversationPicture } from '../look/avatar.tsx';
import { Icon, Unseen } from '../look/icons.tsx';
import { isPresent, titleOf } from '../session/directory.ts';
import { writeAddress } from '../session/navigation.ts';
import { useSessionState } from '../session/session.ts';

export interface SidebarProps {
  hasPanel: boolean;
  onPanelChange: (hasPanel: boolean) => void;
}

/** Slack's sidebar, with the sandbox's own card below it. */
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

function ConversationLink({ conversation }: { conversation: Conversation }) {
  const { workspace, openConversation, unread: unreadConversations } = useSessionState();
  const { id, kind } = conversation;
  const unread = unreadConversations.get(id);
  return (
    <a
      href={writeAddress({ as: workspace.me.id, in: id })}
      className={unread ? 'sidebar-link unread' : 'sidebar-link'}
      aria-current={id === openConversation?.id ? 'page' : undefined}
    >
      <span className="sidebar-picture">
        <ConversationPicture conversation={conversation} />
        {isPresent(workspace, conversation) && <span className="presence" />}
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

/** Switches between people. Uses links, so that a person's view can be bookmarked. */
function PeopleSwitcher() {
  const { workspace } = useSessionState();
  return (
    <nav className="people" aria-label="People">
      <h2 className="people-heading">You are</h2>
      <ul>
        {workspace.people.map((person) => (
          <li key={person.id}>
            <PersonLink person={person} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function PersonLink({ person }: { person: Person }) {
  const { workspace, directory, openConversation } = useSessionState();
  return (
    <a
      className="person"
      href={writeAddress({ as: person.id, ...(openConversation ? { in: openConversation.id } : {}) })}
      aria-current={person.id === workspace.me.id ? 'true' : undefined}
    >
      <Avatar author={directory.author(person.id)} />
      <span className="person-text">
        <span className="person-name">{person.realName}</span>
        <span className="person-about">{person.about}</span>
      </span>
    </a>
  );
}

interface SidebarDrawerProps extends SidebarProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** The sidebar of narrow windows, which opens over the page. */
export function SidebarDrawer({ isOpen, onOpenChange, ...sidebar }: SidebarDrawerProps) {
  return (
    <ModalOverlay className="drawer-curtain" isOpen={isOpen} onOpenChange={onOpenChange} isDismissable>
      <Modal className="drawer">
        <Dialog className="drawer-dialog" aria-label="Sidebar">
          <Sidebar {...sidebar} />
          <Button slot="close" className="drawer-close" aria-label="Close sidebar">
            <Icon name="cross" />
          </Button>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
