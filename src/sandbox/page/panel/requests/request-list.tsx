import './request-list.css';
import { type KeyboardEvent, useCallback, useState } from 'react';
import type { Exchange } from '../../../slack/protocol/panel-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { useFollowing } from '../../session/following.ts';
import type { Outcomes } from '../outcome.tsx';
import { RequestRow } from './request-row.tsx';

/**
 * A log with the newest request at the bottom, followed until the reader scrolls up or opens a row. The list is one
 * Tab stop; arrow keys move inside it.
 */
export function RequestList({
  exchanges,
  announce,
}: {
  exchanges: readonly Exchange[];
  announce: Outcomes['announce'];
}) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [current, setCurrent] = useState<number>();
  const { scroller, list, isFollowing, stop, follow } = useFollowing();
  const toggle = useCallback(
    (id: number) => {
      // Otherwise the next request would scroll away the details being read.
      stop();
      setOpen((before) => (before.has(id) ? before.difference(new Set([id])) : before.union(new Set([id]))));
    },
    [stop],
  );
  const tabStop = exchanges.some(({ id }) => id === current) ? current : exchanges.at(-1)?.id;
  return (
    <div className={isFollowing ? 'request-log' : 'request-log request-log-left'}>
      <div className="request-scroller" ref={scroller}>
        <ol
          className="request-list"
          aria-label="Requests, oldest first"
          ref={list}
          onKeyDown={(event: KeyboardEvent<HTMLOListElement>) => {
            if (moveFocus(event.currentTarget, event.target, event.key)) event.preventDefault();
          }}
        >
          {exchanges.map((exchange) => (
            <RequestRow
              key={exchange.id}
              exchange={exchange}
              isOpen={open.has(exchange.id)}
              isTabStop={exchange.id === tabStop}
              onFocus={setCurrent}
              onToggle={toggle}
              announce={announce}
            />
          ))}
        </ol>
      </div>
      {!isFollowing && (
        <button type="button" className="panel-button request-newest" onClick={follow}>
          <Icon name="chevron-down" />
          Follow latest
        </button>
      )}
    </div>
  );
}

const TOGGLE = '.request-toggle';

/** Moves the focus between rows for the arrow keys, Home and End. Returns false for other keys. */
function moveFocus(list: Element, target: EventTarget, key: string): boolean {
  if (!(target instanceof Element) || !target.matches(TOGGLE)) return false;
  const rows = [...list.querySelectorAll<HTMLElement>(TOGGLE)];
  const next = nextIndex(rows.indexOf(target as HTMLElement), rows.length, key);
  if (next === undefined) return false;
  rows[next]?.focus();
  return true;
}

function nextIndex(index: number, count: number, key: string): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(index + 1, count - 1);
    case 'ArrowUp':
      return Math.max(index - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
