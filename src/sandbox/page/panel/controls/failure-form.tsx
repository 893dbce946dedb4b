import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components';
import type { SetFailureRequest } from '../../../slack/protocol/panel-protocol.ts';
import { CheckboxField, ChoiceField, SearchableChoice } from '../fields.tsx';
import { switchFailure } from '../panel-api.ts';
import { type ControlProps, ControlSection } from './control-sections.tsx';
import {
  afterEffectExplanation,
  emptyFailureDraft,
  failureKinds,
  failureText,
  switchedFrom,
  timesText,
} from './failure-draft.ts';
import { HowOften, KindDetail } from './failure-fields.tsx';

/** The form itself reports missing values at their fields and focuses the first one. */
export function FailureForm({ controls, act }: ControlProps) {
  const [draft, setDraft] = useState(emptyFailureDraft);
  const change = (changed: Partial<typeof draft>): void => setDraft((before) => ({ ...before, ...changed }));
  const explanation = afterEffectExplanation(draft.kind);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const { method } = draft;
    if (method === null) return;
    const switched = switchedFrom({ ...draft, method });
    void act(switchFailure(switched), doneText(switched));
  };
  return (
    <ControlSection title="Failures" purpose={purposeOf(controls.methods)}>
      <Form className="control-form" onSubmit={submit}>
        <SearchableChoice
          label="Method"
          missing="Choose a method from the list."
          options={controls.methods}
          value={draft.method}
          onChange={(method) => change({ method })}
        />
        <ChoiceField
          label="What happens"
          options={failureKinds}
          value={draft.kind}
          onChange={(kind) => change({ kind })}
        />
        <KindDetail draft={draft} onChange={change} />
        {explanation !== undefined && (
          <CheckboxField
            label="After the effect"
            explanation={explanation}
            isSelected={draft.afterEffect}
            onChange={(afterEffect) => change({ afterEffect })}
          />
        )}
        <HowOften draft={draft} onChange={change} />
        <button type="submit" className="panel-button panel-button-danger">
          Make it fail
        </button>
      </Form>
    </ControlSection>
  );
}

function purposeOf(methods: readonly string[]): string {
  const isBesideSlack = methods.some((method) => method.startsWith('wandb: '));
  return isBesideSlack
    ? 'See how the app handles a failing Web API method, response URL or W&B server call.'
    : 'See how the app handles a failing Web API method or response URL.';
}

function doneText({ method, failure, times }: SetFailureRequest): string {
  return failure
    ? `${method} will fail for ${timesText(times)}: ${failureText(failure)}.`
    : `${method} works.`;
}
