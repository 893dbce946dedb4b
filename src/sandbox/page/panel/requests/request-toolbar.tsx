import './request-toolbar.css';
import { Button, Input, Label, SearchField, ToggleButton, Toolbar } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import { DirectionChoice } from './direction-choice.tsx';
import type { RequestFilter } from './filter-exchanges.ts';

export function RequestToolbar({
  filter,
  onFilter,
  count,
  isPaused,
  waiting,
  onPause,
  onClear,
}: {
  filter: RequestFilter;
  onFilter: (filter: RequestFilter) => void;
  count: string;
  isPaused: boolean;
  waiting: number;
  onPause: (isPaused: boolean) => void;
  onClear: () => void;
}) {
  return (
    <div className="request-toolbar">
      <RequestSearch text={filter.text} onChange={(text) => onFilter({ ...filter, text })} />
      <Toolbar aria-label="Requests" className="request-actions">
        <ToggleButton className="panel-button" isSelected={isPaused} onChange={onPause}>
          <Icon name={isPaused ? 'play' : 'pause'} />
          {isPaused ? `Resume (${waiting})` : 'Pause'}
        </ToggleButton>
        <Button className="panel-button" onPress={onClear}>
          <Icon name="trash" />
          Clear
        </Button>
      </Toolbar>
      <DirectionChoice
        direction={filter.direction}
        onChange={(direction) => onFilter({ ...filter, direction })}
      />
      <span className="request-count">
        <span className="unseen">Shown: </span>
        {count}
      </span>
    </div>
  );
}

function RequestSearch({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  return (
    <SearchField className="panel-search" value={text} onChange={onChange}>
      <Label className="unseen">Filter the requests</Label>
      <Icon name="search" />
      <Input placeholder="Filter: method, error, any text" spellCheck={false} />
      <Button className="panel-icon-button">
        <Icon name="cross" />
      </Button>
    </SearchField>
  );
}
