import { type ReactNode, useId } from 'react';
import {
  Button,
  Checkbox,
  ComboBox,
  FieldError,
  Group,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  NumberField,
  Popover,
  Select,
  SelectValue,
} from 'react-aria-components';
import { Icon } from '../look/icons.tsx';

/**
 * A button that stays focusable while it is unavailable and says why. A disabled button would lose the focus when
 * its own press disables it.
 */
export function PressButton({
  children,
  onPress,
  unavailable,
  kind = 'plain',
}: {
  children: ReactNode;
  /** Undefined for the button that submits a form. */
  onPress?: () => void;
  /** Why the button is unavailable; undefined if it isn't. */
  unavailable?: string | undefined;
  kind?: 'plain' | 'danger' | 'submit';
}) {
  const reasonId = useId();
  const isUnavailable = unavailable !== undefined;
  return (
    <>
      <button
        type={kind === 'submit' ? 'submit' : 'button'}
        className={`panel-button panel-button-${kind}`}
        aria-disabled={isUnavailable}
        aria-describedby={isUnavailable ? reasonId : undefined}
        onClick={isUnavailable ? undefined : onPress}
      >
        {children}
      </button>
      {isUnavailable && (
        <span id={reasonId} className="panel-quiet panel-reason">
          {unavailable}
        </span>
      )}
    </>
  );
}

export function ChoiceField<Id extends string>({
  label,
  options,
  value,
  onChange,
}: {
  label: string;
  options: readonly { id: Id; label: string }[];
  value: Id;
  onChange: (value: Id) => void;
}) {
  return (
    <Select className="panel-field" value={value} onChange={(key) => onChange(key as Id)}>
      <Label className="panel-label">{label}</Label>
      <Button className="panel-input panel-select">
        <SelectValue />
        <Icon name="chevron-down" />
      </Button>
      <Popover className="panel-popover">
        <ListBox items={options}>
          {({ id, label: text }) => (
            <ListBoxItem id={id} className="panel-option">
              {text}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}

export function SearchableChoice({
  label,
  missing,
  options,
  value,
  onChange,
}: {
  label: string;
  /** The error shown when the form is submitted without a value. */
  missing: string;
  options: readonly string[];
  value: string | null;
  onChange: (value: string | null) => void;
}) {
  return (
    <ComboBox
      className="panel-field"
      isRequired
      allowsEmptyCollection
      defaultItems={options.map((id) => ({ id }))}
      value={value}
      onChange={(key) => onChange(key === null ? null : String(key))}
    >
      <Label>{label}</Label>
      <div className="panel-combobox">
        <Input className="panel-input panel-wire" placeholder="Type to search" spellCheck={false} />
        <Button className="panel-icon-button">
          <Icon name="chevron-down" />
        </Button>
      </div>
      <FieldError className="panel-field-error">{missing}</FieldError>
      <Popover className="panel-popover">
        <ListBox renderEmptyState={() => <p className="panel-option panel-quiet">No matching methods.</p>}>
          {({ id }: { id: string }) => (
            <ListBoxItem id={id} textValue={id} className="panel-option panel-wire">
              {id}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

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
      // An emptied field arrives as NaN and counts as the minimum.
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

export function CheckboxField({
  label,
  explanation,
  isSelected,
  onChange,
}: {
  label: string;
  explanation: string;
  isSelected: boolean;
  onChange: (isSelected: boolean) => void;
}) {
  const explanationId = useId();
  return (
    <div className="panel-field">
      <Checkbox
        className="panel-checkbox"
        isSelected={isSelected}
        onChange={onChange}
        aria-describedby={explanationId}
      >
        <span className="panel-checkbox-box">{isSelected && <Icon name="check" />}</span>
        {label}
      </Checkbox>
      <p id={explanationId} className="panel-quiet">
        {explanation}
      </p>
    </div>
  );
}
