import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import { ConversationPane } from './conversation/conversation-pane.tsx';
import { ViewDialog } from './dialog/view-dialog.tsx';
import { Icon } from './look/icons.tsx';
import { Panel } from './panel/panel.tsx';
import { useMediaQuery, useStoredSwitch } from './session/observable.ts';
import { type Session, SessionContext, useSession, useSessionState } from './session/session.ts';
import { Sidebar, SidebarDrawer } from './sidebar/sidebar.tsx';

/** One person's Slack window, with the sandbox's tools beside it. */
export function SlackWindow({ session }: { session: Session }) {
  return (
    <SessionContext value={session}>
      <Window />
    </SessionContext>
  );
}

function Window() {
  const { workspace, openConversation } = useSessionState();
  const isNarrow = useMediaQuery('(max-width: 699px)');
  const [hasPanel, setHasPanel] = useStoredSwitch('developer tools');
  const [hasDrawer, setHasDrawer] = useState(false);
  const sidebar = {
    hasPanel,
    onPanelChange: (wanted: boolean) => {
      setHasDrawer(false);
      setHasPanel(wanted);
    },
  };
  const place = `${workspace.me.id} ${openConversation?.id}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: changing the place closes the drawer.
  useEffect(() => setHasDrawer(false), [place]);
  return (
    <div className="window">
      {isNarrow ? (
        <SidebarDrawer {...sidebar} isOpen={hasDrawer} onOpenChange={setHasDrawer} />
      ) : (
        <Sidebar {...sidebar} />
      )}
      <main className="main">
        <ConnectionBanner />
        {openConversation && (
          <ConversationPane
            key={place}
            conversation={openConversation}
            {...(isNarrow ? { onSidebar: () => setHasDrawer(true) } : {})}
          />
        )}
      </main>
      {hasPanel && <Panel onClose={() => setHasPanel(false)} />}
      <ViewDialog key={workspace.me.id} />
    </div>
  );
}

/** Rendered while empty too, because screen readers announce only changes to existing regions. */
function ConnectionBanner() {
  const session = useSession();
  const { isConnected } = useSessionState();
  return (
    <div role="status">
      {!isConnected && (
        <div className="connection">
          <Icon name="warning" />
          <span>Lost connection to the sandbox. Reconnecting…</span>
          <Button className="connection-retry" onPress={() => session.reconnect()}>
            Try now
          </Button>
        </div>
      )}
    </div>
  );
}
