import { useState } from 'react';
import type { RunList, RunRow, ShownEntry } from '../../../slack/protocol/runs-protocol.ts';
import { RunDot, StateBadge } from '../run-look.tsx';
import { SearchField } from '../search-field.tsx';
import { formatAge, formatDuration, formatTime, runtimeSeconds, useNow } from '../shown-time.ts';
import { useLinkTo } from '../wandb-links.ts';

const MAX_VALUE_COLUMNS = 8;

/** The runs of a project, the newest first. */
export function RunsTable({ list, entity, project }: { list: RunList; entity: string; project: string }) {
  const [query, setQuery] = useState('');
  const nowMs = useNow();
  const own = list.runs.filter((run) => run.entity === entity && run.project === project);
  const wanted = query.trim().toLowerCase();
  const found = own.filter(({ displayName, run }) => `${displayName} ${run}`.toLowerCase().includes(wanted));
  const columns = { config: columnsOf(own, 'config'), summary: columnsOf(own, 'summary') };
  return (
    <div className="wandb-page">
      <h1>{project}</h1>
      <div className="wandb-toolbar">
        <SearchField label="Search runs" value={query} onChange={setQuery} />
        <span className="wandb-quiet">{own.length === 1 ? '1 run' : `${own.length} runs`}</span>
      </div>
      {own.length === 0 && <p className="wandb-quiet">This project has no runs.</p>}
      {own.length > 0 && found.length === 0 && <p className="wandb-quiet">No run has such a name.</p>}
      {found.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        <section className="wandb-scroller" tabIndex={0} aria-label={`Runs of ${project}`}>
          <table className="wandb-table runs-table">
            <thead>
              <tr>
                {['Name', 'State', 'Account', 'Attributed to', 'Created', 'Runtime', 'Tags'].map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
                {columns.config.map((name) => (
                  <th key={`config ${name}`} scope="col" className="config-column" title={`Config: ${name}`}>
                    {name}
                  </th>
                ))}
                {columns.summary.map((name) => (
                  <th
                    key={`summary ${name}`}
                    scope="col"
                    className="summary-column"
                    title={`Summary: ${name}`}
                  >
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {found.map((row) => (
                <RunLine key={row.run} row={row} columns={columns} nowMs={nowMs} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}

interface Columns {
  config: string[];
  summary: string[];
}

function RunLine({ row, columns, nowMs }: { row: RunRow; columns: Columns; nowMs: number }) {
  const linkTo = useLinkTo();
  const { entity, project, run } = row;
  return (
    <tr>
      <th scope="row">
        <a href={linkTo({ view: 'run', path: { entity, project, run }, tab: 'charts' })}>
          <RunDot path={row} />
          <span className="runs-name">{row.displayName}</span>
        </a>
      </th>
      <td>
        <StateBadge state={row.state} />
      </td>
      <td>{row.account}</td>
      <td>{row.person ?? '–'}</td>
      <td title={formatTime(row.createdAtMs)}>{formatAge(row.createdAtMs, nowMs)}</td>
      <td>{formatDuration(runtimeSeconds(row, nowMs))}</td>
      <td>
        <Tags tags={row.tags} />
      </td>
      {columns.config.map((name) => (
        <td key={`config ${name}`}>{shownNumber(row.config, name)}</td>
      ))}
      {columns.summary.map((name) => (
        <td key={`summary ${name}`}>{shownNumber(row.summary, name)}</td>
      ))}
    </tr>
  );
}

export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return '–';
  return (
    <span className="wandb-tags">
      {[...new Set(tags)].map((tag) => (
        <span key={tag} className="wandb-tag">
          {tag}
        </span>
      ))}
    </span>
  );
}

function columnsOf(runs: readonly RunRow[], part: 'config' | 'summary'): string[] {
  const names = new Set(runs.flatMap((row) => row[part].map(([name]) => name)));
  return [...names].slice(0, MAX_VALUE_COLUMNS);
}

/** Returns a value as the table shows it: numbers with four digits. */
function shownNumber(entries: readonly ShownEntry[], name: string): string {
  const value = entries.find(([key]) => key === name)?.[1];
  if (value === undefined) return '–';
  const isFraction = /^-?\d+\.\d{5,}(e[+-]?\d+)?$/.test(value);
  return isFraction ? String(Number(Number(value).toPrecision(4))) : value.replace(/^"(.*)"$/s, '$1');
}
