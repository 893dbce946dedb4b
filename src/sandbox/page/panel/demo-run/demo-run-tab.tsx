import './demo-run-tab.css';
import { type FormEvent, useState } from 'react';
import { FieldError, Form, Input, Label, ProgressBar, TextField } from 'react-aria-components';
import type { DemoRun } from '../../../slack/protocol/demo-runs.ts';
import { Icon } from '../../look/icons.tsx';
import { writeWandbPath } from '../../wandb/wandb-address.ts';
import { ControlSection } from '../controls/control-sections.tsx';
import { PressButton } from '../fields.tsx';
import type { Outcomes } from '../outcome.tsx';
import { startDemoRun } from '../panel-api.ts';

interface DemoRunProps {
  demoRun: DemoRun;
  /** Returns the link to a path of the W&B tab. */
  wandbLink: (path: string) => string;
}

/** Logs a run with a service account's key, without Python. It lasts long enough to watch it and to revoke the account. */
export function DemoRunTab({ act, ...shown }: DemoRunProps & Pick<Outcomes, 'act'>) {
  const [key, setKey] = useState('');
  const isRunning = shown.demoRun.state === 'running';
  const start = async (): Promise<void> => {
    if (await act(startDemoRun({ key }), 'The demo run was started.')) setKey('');
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isRunning) void start();
  };
  return (
    <div className="demo-run">
      <ControlSection
        title="Log a demo run"
        purpose="Logs about 25 seconds of demo metrics with the key of a service account, as W&B’s SDK would. Watch the run in the W&B tab, and revoke the account to see it stop. In a terminal, npm run demo-run does the same."
      >
        <Form className="control-form" onSubmit={submit}>
          <TextField className="panel-field" type="password" isRequired value={key} onChange={setKey}>
            <Label>API key</Label>
            <Input
              className="panel-input panel-wire"
              placeholder="From the key’s message"
              autoComplete="off"
              spellCheck={false}
            />
            <FieldError className="panel-field-error">Paste the key of a service account.</FieldError>
          </TextField>
          <PressButton kind="submit" unavailable={isRunning ? 'A demo run is running.' : undefined}>
            Log a demo run
          </PressButton>
        </Form>
      </ControlSection>
      <DemoRunState {...shown} />
    </div>
  );
}

/** Always rendered, because screen readers announce only changes. */
function DemoRunState({ demoRun, wandbLink }: DemoRunProps) {
  return (
    <section className="demo-run-state" aria-label="Demo run">
      {demoRun.state === 'running' && (
        <ProgressBar className="demo-run-progress" value={demoRun.step} maxValue={demoRun.steps}>
          {({ percentage = 0 }) => (
            <>
              <Label>Running</Label>
              <span className="panel-quiet">
                Step {demoRun.step} of {demoRun.steps}
              </span>
              <progress aria-hidden value={percentage} max={100} />
            </>
          )}
        </ProgressBar>
      )}
      <div role="status" aria-label="Demo run">
        {demoRun.state === 'running' && demoRun.problem !== undefined && <p>{demoRun.problem}</p>}
        {demoRun.state !== 'none' && demoRun.state !== 'running' && (
          <p className={`demo-run-${demoRun.state}`}>
            <Icon name={demoRun.state === 'finished' ? 'check' : 'warning'} />
            <span>{demoRun.text}</span>
          </p>
        )}
      </div>
      {demoRun.state !== 'none' && demoRun.at && (
        <a href={wandbLink(writeWandbPath({ view: 'run', path: demoRun.at, tab: 'charts' }))}>
          Show the run in the W&B tab
        </a>
      )}
    </section>
  );
}
