import './run.css';
import { useState } from 'react';
import { Button, Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import type { RunPage, RunPath } from '../../../slack/protocol/runs-protocol.ts';
import { Spinner } from '../../look/icons.tsx';
import { stopRun } from '../../session/api.ts';
import { ChartsTab } from '../charts/charts-tab.tsx';
import { colorOf, isActive, RunDot, StateBadge } from '../run-look.tsx';
import { formatDuration, runtimeSeconds, useNow } from '../shown-time.ts';
import { type RunTab, runTabs } from '../wandb-address.ts';
import type { FollowedRun } from '../wandb-feed.ts';
import { useLinkTo } from '../wandb-links.ts';
import { ArtifactsTab, FilesTab } from './files.tsx';
import { LogsTab } from './logs.tsx';
import { OverviewTab } from './overview.tsx';

const tabNames: Record<RunTab, string> = {
  charts: 'Charts',
  overview: 'Overview',
  logs: 'Logs',
  files: 'Files',
  artifacts: 'Artifacts',
};

/** A run, as on W&B's page of it. */
export function RunView({ path, tab, followed }: { path: RunPath; tab: RunTab; followed: FollowedRun }) {
  switch (followed.status) {
    case 'loading':
      return (
        <div className="wandb-page">
          <Spinner label="Loading the run" />
        </div>
      );
    case 'missing':
      return <MissingRun path={path} />;
    case 'known':
      return <KnownRun path={path} tab={tab} page={followed.page} />;
  }
}

function MissingRun({ path: { entity, project, run } }: { path: RunPath }) {
  const linkTo = useLinkTo();
  return (
    <div className="wandb-page">
      <h1>Run not found</h1>
      <p>
        The local W&B has no run <code>{`${entity}/${project}/${run}`}</code>. It keeps the latest 500 runs.{' '}
        <a href={linkTo({ view: 'projects' })}>Show all projects</a>
      </p>
    </div>
  );
}

function KnownRun({ path, tab, page }: { path: RunPath; tab: RunTab; page: RunPage }) {
  const linkTo = useLinkTo();
  return (
    <div className="wandb-page run-page">
      <RunHeader page={page} />
      <Tabs
        selectedKey={tab}
        keyboardActivation="manual"
        onSelectionChange={(key) => {
          const wanted = runTabs.find((one) => one === key) ?? 'charts';
          if (wanted !== tab) location.hash = linkTo({ view: 'run', path, tab: wanted });
        }}
      >
        <TabList className="run-tabs" aria-label="Run">
          {runTabs.map((one) => (
            <Tab key={one} id={one} className="run-tab">
              {tabNames[one]}
            </Tab>
          ))}
        </TabList>
        <TabPanel id="charts">
          <ChartsTab page={page} color={colorOf(path)} />
        </TabPanel>
        <TabPanel id="overview">
          <OverviewTab page={page} />
        </TabPanel>
        <TabPanel id="logs">
          <LogsTab lines={page.console} />
        </TabPanel>
        <TabPanel id="files">
          <FilesTab path={path} files={page.files} />
        </TabPanel>
        <TabPanel id="artifacts">
          <ArtifactsTab artifacts={page.artifacts} />
        </TabPanel>
      </Tabs>
    </div>
  );
}

/** A run sends something at least every 30 seconds. */
const SILENT_AFTER_SECONDS = 45;

function RunHeader({ page: { row } }: { page: RunPage }) {
  const nowMs = useNow();
  const silentSeconds = (nowMs - row.heartbeatAtMs) / 1000;
  return (
    <header className="run-header">
      <h1>
        <RunDot path={row} />
        {row.displayName}
      </h1>
      <div role="status">
        <StateBadge state={row.state} />
      </div>
      <span className="wandb-quiet run-runtime">{formatDuration(runtimeSeconds(row, nowMs))}</span>
      {isActive(row) && silentSeconds > SILENT_AFTER_SECONDS && (
        <span className="wandb-quiet">No data for {formatDuration(silentSeconds)}</span>
      )}
      {isActive(row) && <StopButton path={row} isStopping={row.state === 'stopping'} />}
    </header>
  );
}

function StopButton({ path: { entity, project, run }, isStopping }: { path: RunPath; isStopping: boolean }) {
  const [problem, setProblem] = useState<string>();
  const stop = async (): Promise<void> => {
    const outcome = await stopRun({ entity, project, run });
    setProblem(outcome.ok || !('message' in outcome) ? undefined : outcome.message);
  };
  return (
    <div className="run-stop">
      <Button className="wandb-button" isDisabled={isStopping} onPress={() => void stop()}>
        Stop run
      </Button>
      {problem !== undefined && <p role="alert">{problem}</p>}
    </div>
  );
}
