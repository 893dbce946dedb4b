import './conversation.css';
import { type ReactNode, useState } from 'react';
import { TabPanel, Tabs } from 'react-aria-components';
import type { Conversation, Workspace } from '../../slack/protocol/page-protocol.ts';
import { useSessionState } from '../session/use-session.ts';
import { AboutTab } from './about-tab.tsx';
import { type AppTab, AppTabList } from './app-tab-list.tsx';
import { ConversationHeader } from './conversation-header.tsx';
import { HomeTab } from './home-tab.tsx';
import { MessagesPane } from './messages/messages-pane.tsx';
import { useHomeOpened } from './use-home-opened.ts';

interface ConversationPaneProps {
  conversation: Conversation;
  /** Where the sidebar is out of sight: how to see it. */
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

function tabsOf({ homeTab, messagesTab }: Workspace['app']): AppTab[] {
  return [...(homeTab ? ['home' as const] : []), ...(messagesTab ? ['messages' as const] : []), 'about'];
}
