import './wandb.css';
import './tables.css';
import { Spinner } from '../look/icons.tsx';
import { Projects } from './lists/projects.tsx';
import { RunsTable } from './lists/runs-table.tsx';
import { RunView } from './run/run-view.tsx';
import { readWandbPath, type WandbPlace } from './wandb-address.ts';
import { type Connection, useRunList, useRunPage } from './wandb-feed.ts';
import { useLinkTo, WandbLinks } from './wandb-links.ts';
import { WandbMark } from './wandb-mark.tsx';

interface WandbViewProps {
  /** As in W&B's own addresses. */
  path: string;
  /** Returns the address of another path. */
  addressOf: (path: string) => string;
  baseUrl: string | undefined;
}

/** The local W&B: its projects, their runs, and a run. */
export function WandbView({ path, addressOf, baseUrl }: WandbViewProps) {
  const place = readWandbPath(path);
  const { list, connection } = useRunList(place.view !== 'run');
  return (
    <WandbLinks value={addressOf}>
      {place.view === 'run' ? (
        <FollowedRunPlace key={JSON.stringify(place.path)} place={place} />
      ) : (
        <>
          <Header place={place} connection={connection} />
          <div className="wandb-body">
            {list === undefined ? (
              <div className="wandb-page">
                <Spinner label="Loading the runs" />
              </div>
            ) : place.view === 'projects' ? (
              <Projects list={list} baseUrl={baseUrl} />
            ) : (
              <RunsTable key={`${place.entity}/${place.project}`} list={list} {...place} />
            )}
          </div>
        </>
      )}
    </WandbLinks>
  );
}

function FollowedRunPlace({ place }: { place: WandbPlace & { view: 'run' } }) {
  const followed = useRunPage(place.path);
  const name = followed.status === 'known' ? followed.page.row.displayName : place.path.run;
  return (
    <>
      <Header place={place} runName={name} connection={followed.connection} />
      <div className="wandb-body">
        <RunView path={place.path} tab={place.tab} followed={followed} />
      </div>
    </>
  );
}

interface HeaderProps {
  place: WandbPlace;
  runName?: string;
  connection: Connection;
}

/** The way to the current place, as at the top of W&B's pages. */
function Header({ place, runName, connection }: HeaderProps) {
  const linkTo = useLinkTo();
  const projects = linkTo({ view: 'projects' });
  const parent = place.view === 'run' ? place.path : place.view === 'runs' ? place : undefined;
  return (
    <header className="wandb-header">
      <WandbMark />
      <nav aria-label="Breadcrumbs">
        <ol>
          <Crumb name="Projects" href={parent && projects} />
          {parent && <Crumb name={parent.entity} href={projects} />}
          {parent && (
            <Crumb
              name={parent.project}
              href={place.view === 'run' ? linkTo({ ...parent, view: 'runs' }) : undefined}
            />
          )}
          {runName !== undefined && <Crumb name={runName} />}
        </ol>
      </nav>
      <span className="wandb-live" role="status">
        {connection === 'live' && 'Live'}
        {connection === 'lost' && 'Reconnecting…'}
      </span>
    </header>
  );
}

/** Without `href`: where the reader is. */
function Crumb({ name, href }: { name: string; href?: string | undefined }) {
  return <li>{href === undefined ? <span aria-current="page">{name}</span> : <a href={href}>{name}</a>}</li>;
}
