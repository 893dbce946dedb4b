import './controls-tab.css';
import { useRef } from 'react';
import type { PlannedFailure } from '../../../slack/protocol/failures.ts';
import type { Controls } from '../../../slack/protocol/panel-protocol.ts';
import { PressButton } from '../fields.tsx';
import type { Outcomes } from '../outcome.tsx';
import { switchFailure } from '../panel-api.ts';
import { type ControlProps, Membership, Sockets, Time } from './control-sections.tsx';
import { failureText, timesText } from './failure-draft.ts';
import { FailureForm } from './failure-form.tsx';
import { Installation, People } from './workspace-sections.tsx';

export function ControlsTab({
  controls,
  act,
}: {
  controls: Controls | undefined;
} & Pick<Outcomes, 'act'>) {
  if (!controls) return <p className="panel-empty">Loading controls…</p>;
  return (
    <div className="controls">
      <FailureForm controls={controls} act={act} />
      <PlannedFailures controls={controls} act={act} />
      <Membership controls={controls} act={act} />
      <People controls={controls} act={act} />
      <Installation controls={controls} act={act} />
      <Time controls={controls} act={act} />
      <Sockets controls={controls} act={act} />
    </div>
  );
}

function PlannedFailures({ controls: { failures }, act }: ControlProps) {
  const section = useRef<HTMLElement>(null);
  const stop = async (method: string): Promise<void> => {
    const isDone = await act(switchFailure({ method, failure: null }), `${method} works again.`);
    // The pressed button disappears and would take the focus with it.
    if (isDone) section.current?.focus();
  };
  return (
    <section className="planned-failures" aria-label="Planned failures" tabIndex={-1} ref={section}>
      {failures.length === 0 && <p className="panel-quiet">No failures planned.</p>}
      <ul>
        {failures.map((planned) => (
          <li key={planned.method}>
            <PlannedFailureSummary planned={planned} />
            <PressButton onPress={() => void stop(planned.method)}>
              Stop<span className="unseen"> the failure of {planned.method}</span>
            </PressButton>
          </li>
        ))}
      </ul>
    </section>
  );
}

function PlannedFailureSummary({ planned: { method, failure, times } }: { planned: PlannedFailure }) {
  return (
    <p>
      <span className="panel-wire">{method}</span>
      <span className="panel-quiet">
        {failureText(failure)} – {timesText(times)}
      </span>
    </p>
  );
}
