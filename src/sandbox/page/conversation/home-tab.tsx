import type { ShownHome } from '../../slack/protocol/page-protocol.ts';
import { Blocks } from '../block-kit/blocks/blocks.tsx';
import { Avatar } from '../look/avatar.tsx';
import { useSessionState } from '../session/use-session.ts';
import { useSurface } from '../session/use-surface.ts';

export function HomeTab() {
  const { workspace } = useSessionState();
  return (
    <div className="home-tab">
      {workspace.home ? <PublishedHome key={workspace.home.id} home={workspace.home} /> : <UnpublishedHome />}
    </div>
  );
}

function PublishedHome({ home }: { home: ShownHome }) {
  const surface = useSurface({ view: home.id });
  return (
    <div className="home-content">
      <Blocks blocks={home.blocks} surface={surface} />
    </div>
  );
}

function UnpublishedHome() {
  const { workspace, directory } = useSessionState();
  return (
    <div className="home-empty">
      <Avatar author={directory.author(workspace.app.botUserId)} />
      <h2>This is a work in progress</h2>
      <p>{workspace.app.name} has put nothing on its Home tab yet.</p>
    </div>
  );
}
