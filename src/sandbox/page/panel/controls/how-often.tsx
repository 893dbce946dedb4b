import { Label, Radio, RadioGroup } from 'react-aria-components';
import { NumberInput } from '../fields/number-input.tsx';
import type { FailureDraft } from './failure-draft.ts';

const choices: { value: FailureDraft['often']; label: string }[] = [
  { value: 'once', label: 'Next call only' },
  { value: 'times', label: 'Next few calls' },
  { value: 'always', label: 'Until switched off' },
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
