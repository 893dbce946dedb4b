import { useEffect } from 'react';
import { Tab, TabList } from 'react-aria-components';
import type { PageHomeTab } from '../../slack/protocol/page-protocol.ts';
import { Blocks } from '../block-kit/blocks/blocks.tsx';
import { useSurface } from '../block-kit/form/surface.ts';
import { Avatar } from '../look/avatar.tsx';
import { useSession, useSessionState } from '../session/session.ts';

export type AppTab = 'home' | 'messages' | 'about';

const names: Record<AppTab, string> = { home: 'Home', messages: 'Messages', about: 'About' };

export function AppTabList({ tabs }: { tabs: AppTab[] }) {
  return (
    <TabList className="app-tab-list" aria-label="App">
      {tabs.map((tab) => (
        <Tab key={tab} id={tab} className="app-tab">
          {names[tab]}
        </Tab>
      ))}
    </TabList>
  );
}

/** Slack sends `app_home_opened` each time a person opens the Home or Messages tab. */
export function useHomeOpened(tab: AppTab): void {
  const session = useSession();
  useEffect(() => {
    if (tab !== 'about') void session.openAppHome(tab);
  }, [session, tab]);
}

export function HomeTab() {
  const { workspace } = useSessionState();
  return (
    <div className="home-tab">
      {workspace.home ? <PublishedHome key={workspace.home.id} home={workspace.home} /> : <UnpublishedHome />}
    </div>
  );
}

function PublishedHome({ home }: { home: PageHomeTab }) {
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
      <p>{workspace.app.name} hasn’t published its Home tab yet.</p>
    </div>
  );
}

export function AboutTab() {
  const { workspace, directory } = useSessionState();
  const { app, commands } = workspace;
  return (
    <div className="about-tab">
      <div className="about-app">
        <Avatar author={directory.author(app.botUserId)} />
        <h2>{app.name}</h2>
        <span className="app-badge">APP</span>
      </div>
      <AboutList
        heading="Commands"
        items={commands.map(({ command, usageHint, description }) => ({
          name: `${command} ${usageHint}`.trim(),
          description,
        }))}
      />
      <AboutList heading="Shortcuts" items={app.shortcuts} />
    </div>
  );
}

interface AboutListProps {
  heading: string;
  items: { name: string; description: string }[];
}

function AboutList({ heading, items }: AboutListProps) {
  if (items.length === 0) return null;
  return (
    <section className="about-list">
      <h3>{heading}</h3>
      <dl>
        {items.map(({ name, description }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{description}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
