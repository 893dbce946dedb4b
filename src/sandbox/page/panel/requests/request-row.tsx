import './request-row.css';
import { memo, useEffect, useId, useRef } from 'react';
import type { Exchange } from '../../../slack/protocol/panel-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { type Outcomes, timeOfDayWithMs } from '../outcome.tsx';
import { directionText, RequestDetails } from './request-details.tsx';

export const RequestRow = memo(function RequestRow({
  exchange,
  isOpen,
  isTabStop,
  onFocus,
  onToggle,
  announce,
}: {
  exchange: Exchange;
  isOpen: boolean;
  isTabStop: boolean;
  onFocus: (id: number) => void;
  onToggle: (id: number) => void;
  announce: Outcomes['announce'];
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
          <RequestDetails exchange={exchange} announce={announce} />
        </div>
      )}
    </li>
  );
});

function DirectionArrow({ direction }: Pick<Exchange, 'direction'>) {
  return (
    <span className={`request-direction request-${direction}`}>
      <span aria-hidden="true">{direction === 'to_app' ? '→' : '←'}</span>
      <span className="unseen">{directionText(direction)}: </span>
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

export interface RequestStatus {
  tone: 'pending' | 'good' | 'amber' | 'bad';
  /** An HTTP status, or the error code of a response with status 200. */
  text: string;
}

function requestStatus({ response, problem, durationMs }: Exchange): RequestStatus {
  if (!response) {
    return durationMs === undefined
      ? { tone: 'pending', text: 'waiting' }
      : { tone: 'bad', text: 'no response' };
  }
  if (response.status >= 400) return { tone: 'bad', text: String(response.status) };
  const refusal = errorCode(response.body);
  if (refusal !== undefined) return { tone: 'amber', text: refusal };
  const isPlain = response.status < 300 && problem === undefined;
  return { tone: isPlain ? 'good' : 'amber', text: String(response.status) };
}

/** The Web API reports errors as `ok: false` with status 200. */
function errorCode(body: string): string | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    const { ok, error } = JSON.parse(body);
    return ok === false ? String(error ?? 'ok: false') : undefined;
  } catch {
    return undefined;
  }
}
