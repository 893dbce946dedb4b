import { FieldError, Input, Label, Radio, RadioGroup, TextField } from 'react-aria-components';
import { NumberInput } from '../fields.tsx';
import type { FailureDraft } from './failure-draft.ts';

/** The extra field of the chosen kind of failure. */
export function KindDetail({
  draft,
  onChange,
}: {
  draft: FailureDraft;
  onChange: (changed: Partial<FailureDraft>) => void;
}) {
  switch (draft.kind) {
    case 'rate_limited':
      return (
        <NumberInput
          label="Retry-After in seconds"
          value={draft.retryAfterSeconds}
          bounds={{ from: 1, to: 3600 }}
          onChange={(retryAfterSeconds) => onChange({ retryAfterSeconds })}
        />
      );
    case 'slow':
      return (
        <NumberInput
          label="Delay in seconds"
          value={draft.delaySeconds}
          bounds={{ from: 0.5, to: 120, step: 0.5 }}
          onChange={(delaySeconds) => onChange({ delaySeconds })}
        />
      );
    case 'error':
      return <ErrorCodeField value={draft.error} onChange={(error) => onChange({ error })} />;
    default:
      return null;
  }
}

const choices: { value: FailureDraft['often']; label: string }[] = [
  { value: 'once', label: 'Next call only' },
  { value: 'times', label: 'Next few calls' },
  { value: 'always', label: 'Until stopped' },
];

export function HowOften({
  draft: { often, times },
  onChange,
}: {
  draft: FailureDraft;
  onChange: (changed: Partial<FailureDraft>) => void;
}) {
  return (
    <>
      <RadioGroup
        className="panel-radios"
        value={often}
        onChange={(wanted) => {
          const choice = choices.find(({ value }) => value === wanted);
          if (choice) onChange({ often: choice.value });
        }}
      >
        <Label className="panel-label">How often</Label>
        {choices.map(({ value, label }) => (
          <Radio key={value} value={value} className="panel-radio">
            <span className="panel-radio-dot" />
            {label}
          </Radio>
        ))}
      </RadioGroup>
      {often === 'times' && (
        <NumberInput
          label="How many calls"
          value={times}
          bounds={{ from: 2, to: 1000 }}
          onChange={(wanted) => onChange({ times: wanted })}
        />
      )}
    </>
  );
}

function ErrorCodeField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <TextField
      className="panel-field"
      isRequired
      value={value}
      onChange={onChange}
      validate={(code) =>
        /^[\w.:-]*$/.test(code.trim()) ? null : 'An error code is one word, like channel_not_found.'
      }
    >
      <Label>Error code</Label>
      <Input
        className="panel-input panel-wire"
        placeholder="channel_not_found"
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
      />
      <FieldError className="panel-field-error">
        {({ validationErrors, validationDetails }) =>
          validationDetails.valueMissing ? 'Enter an error code.' : validationErrors.join(' ')
        }
      </FieldError>
    </TextField>
  );
}
