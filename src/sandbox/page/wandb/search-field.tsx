import { SearchField as AriaSearchField, Input } from 'react-aria-components';
import { Icon } from '../look/icons.tsx';

interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

export function SearchField({ label, value, onChange }: SearchFieldProps) {
  return (
    <AriaSearchField className="wandb-search" aria-label={label} value={value} onChange={onChange}>
      <Icon name="search" />
      <Input placeholder={label} maxLength={200} />
    </AriaSearchField>
  );
}
