import { useId } from 'react';
import { Checkbox } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';

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
