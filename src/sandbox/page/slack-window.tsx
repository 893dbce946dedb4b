import { useEffect, useState } from 'react';
import { ConversationPane } from './conversation/conversation-pane.tsx';
import { ViewDialog } from './dialog/view-dialog.tsx';
import { Panel } from './panel/panel.tsx';
import { useMediaQuery } from './panel/use-media-query.ts';
import { ConnectionBanner } from './session/connection-banner.tsx';
import type { Session } from './session/session.ts';
import { useKeptSwitch } from './session/use-kept-switch.ts';
import { SessionContext, useSessionState } from './session/use-session.ts';
import { Sidebar } from './sidebar/sidebar.tsx';
import { SidebarDrawer } from './sidebar/sidebar-drawer.tsx';

/** Slack's window as one person has it, with the sandbox's own tools around it. */
export function SlackWindow({ session }: { session: Session }) {
  return (
    <SessionContext value={session}>
      <Window />
    </SessionContext>
  );
}

function Window() {
  const { workspace, shown } = useSessionState();
  const isNarrow = useMediaQuery('(max-width: 699px)');
  const [hasPanel, setHasPanel] = useKeptSwitch('developer tools');
  const [hasDrawer, setHasDrawer] = useState(false);
  const sidebar = {
    hasPanel,
    onPanelChange: (wanted: boolean) => {
      setHasDrawer(false);
      setHasPanel(wanted);
    },
  };
  const place = `${workspace.me.id} ${shown?.id}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: arriving somewhere closes the drawer.
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
        {shown && (
          <ConversationPane
            key={place}
            conversation={shown}
            {...(isNarrow ? { onSidebar: () => setHasDrawer(true) } : {})}
          />
        )}
      </main>
      {hasPanel && <Panel onClose={() => setHasPanel(false)} />}
      <ViewDialog key={workspace.me.id} />
    </div>
  );
}
