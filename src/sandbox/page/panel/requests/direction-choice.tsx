import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import type { RequestFilter } from './filter-exchanges.ts';

type Direction = RequestFilter['direction'];

const directions: { id: Direction; label: string }[] = [
  { id: 'all', label: 'All' },
  { id: 'to_app', label: 'Slack → app' },
  { id: 'to_slack', label: 'App → Slack' },
];

export function DirectionChoice({
  direction,
  onChange,
}: {
  direction: Direction;
  onChange: (direction: Direction) => void;
}) {
  return (
    <ToggleButtonGroup
      className="panel-choices"
      aria-label="Direction"
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[direction]}
      onSelectionChange={(keys) => {
        const chosen = directions.find(({ id }) => keys.has(id));
        if (chosen) onChange(chosen.id);
      }}
    >
      {directions.map(({ id, label }) => (
        <ToggleButton key={id} id={id}>
          {label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
