import type { FastifyInstance, FastifyReply } from 'fastify';
import { textBody } from '../http/local-server.ts';
import { createPageGuard, pageHeaders } from '../http/page-guard.ts';
import type { ChangesBy } from './account-changes.ts';
import type { Capabilities } from './capabilities.ts';
import type { RunKeeping } from './runs/run-keeping.ts';
import { type RunSummary, summarizeRun } from './runs/run-metrics.ts';
import { accountForms, escapeHtml, submitAccountForm } from './team-page-forms.ts';
import type { WandbState, WandbTeam } from './wandb-state.ts';

/**
 * Adds `/<team>/service-accounts`, to which links to W&B lead: the team's runs, and its service accounts with forms to change them
 * without the app. It shows a new key once, and needs no login. The SDK's links to projects and runs lead there too, unless there
 * is a UI for them.
 */
export function addTeamPage(
  server: FastifyInstance,
  parts: {
    basePath: string;
    /** Without a trailing slash. */
    appUrl: string | undefined;
    state: WandbState;
    changesBy: ChangesBy;
    capabilities: Readonly<Capabilities>;
    runs: RunKeeping;
    now: () => number;
    port: () => number;
  },
): void {
  const guard = createPageGuard(parts.port);
  server.get<{ Params: { team: string } }>(
    `${parts.basePath}/:team/service-accounts`,
    { onRequest: guard },
    async (request, reply) => {
      const team = parts.state.team(request.params.team);
      return sendPage(reply, parts, team);
    },
  );
  server.post<{ Params: { team: string } }>(
    `${parts.basePath}/:team/service-accounts`,
    { onRequest: guard },
    async (request, reply) => {
      const team = parts.state.team(request.params.team);
      const done = team && submitAccountForm(parts, team, new URLSearchParams(textBody(request)));
      return sendPage(reply, parts, team, done);
    },
  );
  for (const path of [':team/:project', ':team/:project/workspace', ':team/:project/runs/:run']) {
    server.get<{ Params: { team: string; project: string; run?: string } }>(
      `${parts.basePath}/${path}`,
      { onRequest: guard },
      async ({ params: { team, project, run } }, reply) => {
        if (parts.appUrl === undefined) {
          return reply.redirect(`${parts.basePath}/${encodeURIComponent(team)}/service-accounts#runs`);
        }
        const segments = [team, project, ...(run === undefined ? [] : ['runs', run])];
        return reply.redirect(`${parts.appUrl}/${segments.map(encodeURIComponent).join('/')}`);
      },
    );
  }
}

/** @param done what a form did. HTML. */
function sendPage(
  reply: FastifyReply,
  parts: { state: WandbState; runs: RunKeeping; now: () => number },
  team: WandbTeam | undefined,
  done = '',
): FastifyReply {
  const title = team ? `Service accounts of ${team.name}` : 'Team not found';
  const content = team ? `${done}\n${accountForms(parts.state, team)}\n${runList(runsOf(parts, team))}` : '';
  return reply
    .code(team ? 200 : 404)
    .headers(pageHeaders('', { hasForms: true }))
    .type('text/html; charset=utf-8')
    .send(page(title, content));
}

/** Returns the runs of a team, the newest first. */
function runsOf({ runs, now }: { runs: RunKeeping; now: () => number }, { name }: WandbTeam): RunSummary[] {
  const own = runs.store.runs().filter(({ project }) => project.entity === name);
  return own.reverse().map((run) => summarizeRun(run, now()));
}

function runList(runs: RunSummary[]): string {
  if (runs.length === 0) return '<h2 id="runs">Runs</h2>\n<p>This team has no runs.</p>';
  const rows = runs.map((run) => {
    const { project, displayName, name, state, account, person, lastValues } = run;
    const values = Object.entries(lastValues).map(([metric, value]) => `${metric}: ${value}`);
    const cells = [
      project,
      `${displayName} (${name})`,
      run.stopRequested && state === 'running' ? 'stopping' : state,
      person === null ? account : `${account} for ${person}`,
      values.slice(0, MAX_VALUES).join(', '),
    ];
    return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
  });
  const columns = ['Project', 'Run', 'State', 'Account', 'Last values'];
  return `<h2 id="runs">Runs</h2>
<table>
<thead><tr>${columns.map((column) => `<th scope="col">${column}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

const MAX_VALUES = 20;

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body>
<h1>${escapeHtml(title)}</h1>
${content}
<p>This is a local W&amp;B server for trying out Keysmith.</p>
</body>
</html>
`;
}
