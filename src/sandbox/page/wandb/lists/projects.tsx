import type { ProjectRow, RunList, RunRow } from '../../../slack/protocol/runs-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { isActive } from '../run-look.tsx';
import { formatAge, useNow } from '../shown-time.ts';
import { useLinkTo } from '../wandb-links.ts';
import { FirstRun } from './first-run.tsx';

/** The projects of each team. */
export function Projects({ list, baseUrl }: { list: RunList; baseUrl: string | undefined }) {
  const { teams, projects, runs } = list;
  const known = [...new Set([...teams, ...projects.map(({ entity }) => entity)])];
  return (
    <div className="wandb-page">
      <h1>Projects</h1>
      {runs.length === 0 && <FirstRun baseUrl={baseUrl} />}
      {known.map((team) => (
        <Team
          key={team}
          team={team}
          projects={projects.filter(({ entity }) => entity === team)}
          runs={runs.filter(({ entity }) => entity === team)}
        />
      ))}
    </div>
  );
}

function Team({ team, projects, runs }: { team: string; projects: ProjectRow[]; runs: RunRow[] }) {
  const nowMs = useNow();
  const linkTo = useLinkTo();
  const heading = `team-${team}`;
  return (
    <section className="wandb-team" aria-labelledby={heading}>
      <h2 id={heading}>
        <Icon name="people" />
        {team}
      </h2>
      {projects.length === 0 ? (
        <p className="wandb-quiet">This team has no projects yet.</p>
      ) : (
        <table className="wandb-table">
          <thead>
            <tr>
              <th scope="col">Project</th>
              <th scope="col">Last run</th>
              <th scope="col">Runs</th>
              <th scope="col">Running</th>
            </tr>
          </thead>
          <tbody>
            {projects.map(({ entity, project, createdAtMs }) => {
              const own = runs.filter((run) => run.project === project);
              const lastMs = own[0]?.createdAtMs ?? createdAtMs;
              return (
                <tr key={project}>
                  <th scope="row">
                    <a href={linkTo({ view: 'runs', entity, project })}>{project}</a>
                  </th>
                  <td>{own.length > 0 ? formatAge(lastMs, nowMs) : '–'}</td>
                  <td>{own.length}</td>
                  <td>{own.filter(isActive).length}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}
