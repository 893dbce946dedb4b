import './request-toolbar.css';
import {
  Button,
  Input,
  Label,
  SearchField,
  ToggleButton,
  ToggleButtonGroup,
  Toolbar,
} from 'react-aria-components';
import type { Exchange } from '../../../slack/protocol/panel-protocol.ts';
import { Icon } from '../../look/icons.tsx';

export interface RequestFilter {
  /** Words that must all occur somewhere in the request or its response. */
  text: string;
  direction: 'all' | Exchange['direction'];
}

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
      <Label className="unseen">Filter requests</Label>
      <Icon name="search" />
      <Input placeholder="Filter by method, error or any text" spellCheck={false} />
      <Button className="panel-icon-button">
        <Icon name="cross" />
      </Button>
    </SearchField>
  );
}

type Direction = RequestFilter['direction'];

const directions: { id: Direction; label: string }[] = [
  { id: 'all', label: 'All' },
  { id: 'to_app', label: 'Slack → app' },
  { id: 'to_slack', label: 'App → Slack' },
];

function DirectionChoice({
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

/** Returns the exchanges that match the direction and contain every word. */
export function filterExchanges(exchanges: readonly Exchange[], filter: RequestFilter): readonly Exchange[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && filter.direction === 'all') return exchanges;
  return exchanges.filter(
    (exchange) =>
      (filter.direction === 'all' || exchange.direction === filter.direction) &&
      words.every((word) => searchedText(exchange).includes(word)),
  );
}

// Exchanges are replaced, never mutated, so their text can be cached by identity.
const texts = new WeakMap<Exchange, string>();

function searchedText(exchange: Exchange): string {
  const known = texts.get(exchange);
  if (known !== undefined) return known;
  const { method, transport, url, problem, response, payload } = exchange;
  const parts = [method, transport, url, problem, response?.status, response?.body, JSON.stringify(payload)];
  const text = parts.join('\n').toLowerCase();
  texts.set(exchange, text);
  return text;
}
