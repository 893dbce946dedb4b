import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';

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
