import './controls-tab.css';
import type { Controls } from '../../../slack/protocol/panel-protocol.ts';
import type { Outcomes } from '../feed/use-outcome.ts';
import { FailureForm } from './failure-form.tsx';
import { Membership } from './membership.tsx';
import { PlannedFailures } from './planned-failures.tsx';
import { Sockets } from './sockets.tsx';
import { Time } from './time.tsx';

export function ControlsTab({
  controls,
  act,
}: {
  controls: Controls | undefined;
} & Pick<Outcomes, 'act'>) {
  if (!controls) return <p className="panel-empty">Loading the controls…</p>;
  return (
    <div className="controls">
      <FailureForm controls={controls} act={act} />
      <PlannedFailures controls={controls} act={act} />
      <Membership controls={controls} act={act} />
      <Time controls={controls} act={act} />
      <Sockets controls={controls} act={act} />
    </div>
  );
}
