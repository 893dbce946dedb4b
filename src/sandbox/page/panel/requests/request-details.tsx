import './request-details.css';
import type { ReactNode } from 'react';
import type { Exchange } from '../../../slack/protocol/panel-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { PressButton } from '../fields.tsx';
import { JsonTree, LongText, parsedJson } from '../json-tree.tsx';
import type { Outcomes } from '../outcome.tsx';

export function RequestDetails({
  exchange,
  announce,
}: {
  exchange: Exchange;
  announce: Outcomes['announce'];
}) {
  const { direction, url, headers, payload, response, problem } = exchange;
  return (
    <>
      <div className="request-details-top">
        <span>{directionText(direction)}</span>
        <PressButton onPress={() => void copyAsJson(exchange, announce)}>
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
      <Part title={response ? `Response (${response.status})` : 'Response'} isOpen>
        <ResponseBody exchange={exchange} />
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

function ResponseBody({ exchange: { response, durationMs } }: { exchange: Exchange }) {
  if (!response)
    return (
      <p className="panel-quiet">{durationMs === undefined ? 'Waiting for a response.' : 'No response.'}</p>
    );
  if (response.body === '') return <p className="panel-quiet">Empty body.</p>;
  const parsed = parsedJson(response.body);
  if (parsed) return <JsonTree value={parsed.value} />;
  return (
    <p className="panel-wire">
      <LongText text={response.body} />
    </p>
  );
}

async function copyAsJson(exchange: Exchange, announce: Outcomes['announce']): Promise<void> {
  try {
    await navigator.clipboard.writeText(JSON.stringify(exchange, null, 2));
    announce('good', `Copied ${exchange.method} as JSON.`);
  } catch {
    announce('bad', 'The browser blocked access to the clipboard.');
  }
}

/** The screen-reader text for the arrow. */
export function directionText(direction: Exchange['direction']): string {
  return direction === 'to_app' ? 'Slack to app' : 'App to Slack';
}
