import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components';
import type { FailureSwitched } from '../../../slack/protocol/panel-protocol.ts';
import { CheckboxField, ChoiceField, SearchableChoice } from '../fields.tsx';
import { switchFailure } from '../panel-api.ts';
import { type ControlProps, ControlSection } from './control-sections.tsx';
import {
  afterEffectWords,
  emptyFailureDraft,
  failureKinds,
  failureWords,
  switchedFrom,
  timesWords,
} from './failure-draft.ts';
import { HowOften, KindDetail } from './failure-fields.tsx';

/** What is missing is said at its field by the form, and the focus goes there. */
export function FailureForm({ controls, act }: ControlProps) {
  const [draft, setDraft] = useState(emptyFailureDraft);
  const change = (changed: Partial<typeof draft>): void => setDraft((before) => ({ ...before, ...changed }));
  const explanation = afterEffectWords(draft.kind);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const { method } = draft;
    if (method === null) return;
    const switched = switchedFrom({ ...draft, method });
    void act(switchFailure(switched), doneWords(switched));
  };
  return (
    <ControlSection
      title="Failures"
      purpose="See how the app takes it when a Web API method or a response URL fails."
    >
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

function doneWords({ method, failure, times }: FailureSwitched): string {
  return failure ? `${method} fails for ${timesWords(times)}: ${failureWords(failure)}.` : `${method} works.`;
}
