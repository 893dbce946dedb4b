import { type ReactNode, useState } from 'react';
import type { Excerpt, RunPage, ShownEntry } from '../../../slack/protocol/runs-protocol.ts';
import { Tags } from '../lists/runs-table.tsx';
import { StateBadge } from '../run-look.tsx';
import { SearchField } from '../search-field.tsx';
import { formatDuration, formatTime, runtimeSeconds, useNow } from '../shown-time.ts';

/** What W&B's overview of a run shows, with config and summary. */
export function OverviewTab({ page }: { page: RunPage }) {
  return (
    <div className="overview">
      <About page={page} />
      <div className="overview-tables">
        <EntryTable name="Config" about="What the script set before it started" entries={page.config} />
        <EntryTable name="Summary" about="The last value of each metric" entries={page.summary} />
      </div>
    </div>
  );
}

function About({ page: { row, about } }: { page: RunPage }) {
  const nowMs = useNow();
  return (
    <dl className="about-run">
      <Fact name="Notes">{about.notes}</Fact>
      <Fact name="Tags">{row.tags.length > 0 && <Tags tags={row.tags} />}</Fact>
      <Fact name={row.isServiceAccount ? 'Service account' : 'Author'}>{row.account}</Fact>
      <Fact name="Attributed to">{row.person}</Fact>
      <Fact name="State">
        <StateBadge state={row.state} />
      </Fact>
      <Fact name="Start time">{formatTime(row.createdAtMs)}</Fact>
      <Fact name="Runtime">{formatDuration(runtimeSeconds(row, nowMs))}</Fact>
      <Fact name="Run path">
        <code>{`${row.entity}/${row.project}/${row.run}`}</code>
      </Fact>
      <Fact name="Hostname">{about.host}</Fact>
      <Fact name="OS">{about.os}</Fact>
      <Fact name="Python version">{about.python}</Fact>
      <Fact name="W&B SDK version">{about.sdk}</Fact>
      <Fact name="Command">{about.command && <code>{about.command}</code>}</Fact>
      <Fact name="Git repository">{about.gitRemote && <code>{about.gitRemote}</code>}</Fact>
      <Fact name="Git commit">{about.gitCommit && <code>{about.gitCommit}</code>}</Fact>
      <Fact name="Group">{about.group}</Fact>
      <Fact name="Job type">{about.jobType}</Fact>
    </dl>
  );
}

/** Nothing for an unknown fact. */
function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface EntryTableProps {
  name: string;
  about: string;
  entries: Excerpt<ShownEntry>;
}

function EntryTable({ name, about, entries: { items, more } }: EntryTableProps) {
  const [query, setQuery] = useState('');
  const found = items.filter(([key]) => key.toLowerCase().includes(query.trim().toLowerCase()));
  const count = items.length + more;
  return (
    <section className="entry-table" aria-label={name}>
      <h2>
        {name} <span className="wandb-count">{count}</span>
      </h2>
      <p className="wandb-quiet">{about}</p>
      <SearchField label={`Search ${name.toLowerCase()}`} value={query} onChange={setQuery} />
      {found.length === 0 ? (
        <p className="wandb-quiet">{count === 0 ? 'Nothing yet.' : 'No key has such a name.'}</p>
      ) : (
        <table className="wandb-table">
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {found.map(([key, value], index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: shortened keys may be equal.
              <tr key={`${key} ${index}`}>
                <th scope="row">{key}</th>
                <td>
                  <code>{value}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {more > 0 && <p className="wandb-quiet">{more} more aren’t shown.</p>}
    </section>
  );
}
