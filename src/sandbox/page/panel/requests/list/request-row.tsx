import './request-row.css';
import { memo, useEffect, useId, useRef } from 'react';
import type { Exchange } from '../../../../slack/protocol/panel-protocol.ts';
import { Icon } from '../../../look/icons.tsx';
import type { Outcomes } from '../../feed/use-outcome.ts';
import { timeOfDayWithMs } from '../../time-of-day.ts';
import { directionWords } from '../direction-words.ts';
import { RequestDetails } from '../request-details.tsx';
import { type RequestStatus, requestStatus } from './request-status.ts';

export const RequestRow = memo(function RequestRow({
  exchange,
  isOpen,
  isTabStop,
  onFocus,
  onToggle,
  say,
}: {
  exchange: Exchange;
  isOpen: boolean;
  isTabStop: boolean;
  onFocus: (id: number) => void;
  onToggle: (id: number) => void;
  say: Outcomes['say'];
}) {
  const { id, direction, method } = exchange;
  const detailsId = useId();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isOpen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isOpen]);
  const status = requestStatus(exchange);
  return (
    <li ref={row} className={isOpen ? 'request-row request-row-open' : 'request-row'}>
      <button
        type="button"
        className="request-toggle"
        aria-expanded={isOpen}
        aria-controls={isOpen ? detailsId : undefined}
        tabIndex={isTabStop ? 0 : -1}
        onFocus={() => onFocus(id)}
        onClick={() => onToggle(id)}
      >
        <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
        <DirectionArrow direction={direction} />
        <span className="request-method">{method}</span>
        <StatusBadge status={status} />
        <span className="request-about">{about(exchange, status)}</span>
      </button>
      {isOpen && (
        <div id={detailsId} className="request-details">
          <RequestDetails exchange={exchange} say={say} />
        </div>
      )}
    </li>
  );
});

function DirectionArrow({ direction }: Pick<Exchange, 'direction'>) {
  return (
    <span className={`request-direction request-${direction}`}>
      <span aria-hidden="true">{direction === 'to_app' ? '→' : '←'}</span>
      <span className="unseen">{directionWords(direction)}: </span>
    </span>
  );
}

function about({ startedAtMs, transport, durationMs, problem }: Exchange, status: RequestStatus): string {
  const parts = [timeOfDayWithMs(startedAtMs), transport === 'http' ? 'HTTP' : 'Socket Mode'];
  if (durationMs !== undefined) parts.push(`${Math.round(durationMs)} ms`);
  if (problem !== undefined && problem !== status.text) parts.push(problem);
  return parts.join(' · ');
}

function StatusBadge({ status }: { status: RequestStatus }) {
  return (
    <span className={`panel-badge panel-badge-${status.tone}`}>
      {status.tone === 'pending' && <span className="panel-spinner" aria-hidden="true" />}
      {status.text}
    </span>
  );
}
