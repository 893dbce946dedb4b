import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import { ConversationPane } from './conversation/conversation-pane.tsx';
import { ViewDialog } from './dialog/view-dialog.tsx';
import { Icon } from './look/icons.tsx';
import { Panel } from './panel/panel.tsx';
import { type Address, writeAddress } from './session/navigation.ts';
import { useMediaQuery, useStoredSwitch } from './session/observable.ts';
import { type Session, SessionContext, useSession, useSessionState } from './session/session.ts';
import { Sidebar, SidebarDrawer, type SidebarProps } from './sidebar/sidebar.tsx';
import { Applications } from './wandb/applications.tsx';
import { WandbView } from './wandb/wandb-view.tsx';

/** One person's Slack window, with the W&B tab and the sandbox's tools beside it. */
export function SlackWindow({ session, address }: { session: Session; address: Address }) {
  return (
    <SessionContext value={session}>
      <Window address={address} />
    </SessionContext>
  );
}

function Window({ address }: { address: Address }) {
  const { wandb } = useSessionState().workspace;
  const [hasPanel, setHasPanel] = useStoredSwitch('developer tools');
  const tools = { hasPanel, onPanelChange: setHasPanel };
  const isWandb = wandb !== undefined && address.wandb !== undefined;
  return (
    <div className="sandbox">
      {wandb && <Applications address={address} isWandb={isWandb} {...tools} />}
      <div className="window">
        {isWandb ? (
          <main className="main wandb">
            <ConnectionBanner />
            <WandbView
              path={address.wandb ?? ''}
              addressOf={(path) => writeAddress({ ...address, wandb: path })}
              baseUrl={wandb.baseUrl}
            />
          </main>
        ) : (
          <Slack {...tools} />
        )}
        {hasPanel && (
          <Panel
            onClose={() => setHasPanel(false)}
            wandbLink={(path) => writeAddress({ ...address, wandb: path })}
          />
        )}
      </div>
    </div>
  );
}

function Slack({ hasPanel, onPanelChange }: SidebarProps) {
  const { workspace, openConversation } = useSessionState();
  const isNarrow = useMediaQuery('(max-width: 699px)');
  const [hasDrawer, setHasDrawer] = useState(false);
  const sidebar = {
    hasPanel,
    onPanelChange: (wanted: boolean) => {
      setHasDrawer(false);
      onPanelChange(wanted);
    },
  };
  const place = `${workspace.me.id} ${openConversation?.id}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: changing the place closes the drawer.
  useEffect(() => setHasDrawer(false), [place]);
  return (
    <>
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
      <ViewDialog key={workspace.me.id} />
    </>
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
