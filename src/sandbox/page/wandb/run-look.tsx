import type { RunPath, RunRow, ShownRunState } from '../../slack/protocol/runs-protocol.ts';

/** W&B's words. */
const stateNames: Record<ShownRunState, string> = {
  running: 'Running',
  stopping: 'Stopping',
  finished: 'Finished',
  failed: 'Failed',
  crashed: 'Crashed',
  killed: 'Killed',
};

export function StateBadge({ state }: { state: ShownRunState }) {
  return (
    <span className={`state-badge state-${state}`}>
      <span className="state-dot" />
      {stateNames[state]}
    </span>
  );
}

export const isActive = ({ state }: RunRow): boolean => state === 'running' || state === 'stopping';

const COLORS = ['#4878d0', '#d1495b', '#2a9d6f', '#c77b00', '#8e5ea2', '#1795a8', '#c4508e', '#7a6a53'];

/** Returns a color for a run, the same at each visit. */
export function colorOf({ entity, project, run }: RunPath): string {
  let sum = 0;
  for (const character of `${entity}/${project}/${run}`)
    sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return COLORS[sum % COLORS.length] ?? '#4878d0';
}

export function RunDot({ path }: { path: RunPath }) {
  return <span className="run-dot" style={{ background: colorOf(path) }} />;
}
