import { Button, Group, Input, Label, NumberField } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';

export function NumberInput({
  label,
  value,
  bounds: { from, to, step = 1 },
  onChange,
}: {
  label: string;
  value: number;
  bounds: { from: number; to: number; step?: number };
  onChange: (value: number) => void;
}) {
  return (
    <NumberField
      className="panel-field"
      value={value}
      minValue={from}
      maxValue={to}
      step={step}
      // An emptied field comes as NaN; the least is meant.
      onChange={(changed) => onChange(Number.isNaN(changed) ? from : changed)}
    >
      <Label>{label}</Label>
      <Group className="panel-number">
        <Input className="panel-input" />
        <Button slot="decrement" className="panel-icon-button">
          <Icon name="minus" />
        </Button>
        <Button slot="increment" className="panel-icon-button">
          <Icon name="plus" />
        </Button>
      </Group>
    </NumberField>
  );
}
