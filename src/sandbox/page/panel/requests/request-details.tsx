import './request-details.css';
import type { ReactNode } from 'react';
import type { Exchange } from '../../../slack/protocol/panel-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { PressButton } from '../fields.tsx';
import { JsonTree, LongText, parsedJson } from '../json-tree.tsx';
import type { Outcomes } from '../outcome.tsx';

export function RequestDetails({ exchange, say }: { exchange: Exchange; say: Outcomes['say'] }) {
  const { direction, url, headers, payload, answer, problem } = exchange;
  return (
    <>
      <div className="request-details-top">
        <span>{directionWords(direction)}</span>
        <PressButton onPress={() => void copyAsJson(exchange, say)}>
          <Icon name="copy" />
          Copy as JSON
        </PressButton>
      </div>
      <p className="panel-wire request-url">{url}</p>
      {problem !== undefined && (
        <p className="request-problem">
          <Icon name="warning" /> {problem}
        </p>
      )}
      <Part title="Payload" isOpen>
        <JsonTree value={payload} />
      </Part>
      <Part title={answer ? `Answer (${answer.status})` : 'Answer'} isOpen>
        <Answer exchange={exchange} />
      </Part>
      <Part title={`Headers (${Object.keys(headers).length})`}>
        <dl className="panel-wire request-headers">
          {Object.entries(headers).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <LongText text={value} />
              </dd>
            </div>
          ))}
        </dl>
      </Part>
    </>
  );
}

function Part({ title, isOpen = false, children }: { title: string; isOpen?: boolean; children: ReactNode }) {
  return (
    <details className="request-part" open={isOpen}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}

function Answer({ exchange: { answer, durationMs } }: { exchange: Exchange }) {
  if (!answer) return <p className="panel-quiet">{durationMs === undefined ? 'Not yet.' : 'None came.'}</p>;
  if (answer.body === '') return <p className="panel-quiet">The body is empty.</p>;
  const parsed = parsedJson(answer.body);
  if (parsed) return <JsonTree value={parsed.value} />;
  return (
    <p className="panel-wire">
      <LongText text={answer.body} />
    </p>
  );
}

async function copyAsJson(exchange: Exchange, say: Outcomes['say']): Promise<void> {
  try {
    await navigator.clipboard.writeText(JSON.stringify(exchange, null, 2));
    say('good', `${exchange.method} is copied as JSON.`);
  } catch {
    say('bad', 'The browser does not let the page copy.');
  }
}

/** Said instead of the arrow. */
export function directionWords(direction: Exchange['direction']): string {
  return direction === 'to_app' ? 'Slack to app' : 'App to Slack';
}
