import './conversation.css';
import { type ReactNode, useState } from 'react';
import { Button, TabPanel, Tabs } from 'react-aria-components';
import type { Conversation, PageWorkspace } from '../../slack/protocol/page-protocol.ts';
import { ConversationPicture } from '../look/avatar.tsx';
import { Icon } from '../look/icons.tsx';
import { titleOf } from '../session/directory.ts';
import { useSessionState } from '../session/session.ts';
import { AboutTab, type AppTab, AppTabList, HomeTab, useHomeOpened } from './app-tabs.tsx';
import { MessagesPane } from './messages/message-list.tsx';

interface ConversationPaneProps {
  conversation: Conversation;
  /** Opens the sidebar; set while it is hidden. */
  onSidebar?: () => void;
}

export function ConversationPane({ conversation, onSidebar }: ConversationPaneProps) {
  const header = <ConversationHeader conversation={conversation} {...(onSidebar ? { onSidebar } : {})} />;
  if (conversation.kind === 'app_dm') return <AppPane conversation={conversation} header={header} />;
  return (
    <>
      {header}
      <MessagesPane conversation={conversation} />
    </>
  );
}

function AppPane({ conversation, header }: { conversation: Conversation; header: ReactNode }) {
  const { app } = useSessionState().workspace;
  const tabs = tabsOf(app);
  const [tab, setTab] = useState<AppTab>(app.messagesTab ? 'messages' : (tabs[0] ?? 'about'));
  useHomeOpened(tab);
  return (
    <Tabs
      className="app-tabs"
      selectedKey={tab}
      onSelectionChange={(key) => setTab(tabs.find((one) => one === key) ?? 'about')}
    >
      {header}
      <AppTabList tabs={tabs} />
      <TabPanel id="home" className="app-tab-panel">
        <HomeTab />
      </TabPanel>
      <TabPanel id="messages" className="app-tab-panel" shouldForceMount>
        <MessagesPane conversation={conversation} />
      </TabPanel>
      <TabPanel id="about" className="app-tab-panel">
        <AboutTab />
      </TabPanel>
    </Tabs>
  );
}

function tabsOf({ homeTab, messagesTab }: PageWorkspace['app']): AppTab[] {
  return [...(homeTab ? ['home' as const] : []), ...(messagesTab ? ['messages' as const] : []), 'about'];
}

interface ConversationHeaderProps {
  conversation: Conversation;
  onSidebar?: () => void;
}

function ConversationHeader({ conversation, onSidebar }: ConversationHeaderProps) {
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
      {hasApp ? `${app.name} is a member` : `${app.name} isn’t a member`}
    </span>
  );
}

interface MembershipProps {
  workspace: PageWorkspace;
  conversation: Conversation;
}
