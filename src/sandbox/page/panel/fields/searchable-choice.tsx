import {
  Button,
  ComboBox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
} from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';

export function SearchableChoice({
  label,
  missing,
  options,
  value,
  onChange,
}: {
  label: string;
  /** Said when the form is sent without it. */
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
        <ListBox renderEmptyState={() => <p className="panel-option panel-quiet">No method matches.</p>}>
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
