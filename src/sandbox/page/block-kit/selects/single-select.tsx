import './select.css';
import { useRef } from 'react';
import { Button, Select, SelectValue } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import { FieldLabel, FieldNotes, fieldProps, type Place } from '../form/field.tsx';
import { type Choice, type ChoiceGroup, ChoiceList, type ChoiceSearch } from './choice-list.tsx';

export interface SelectOptions {
  place: Place;
  placeholder: string;
  groups: ChoiceGroup[];
  focusOnLoad: boolean;
  search?: ChoiceSearch;
}

interface SingleSelectProps extends SelectOptions {
  chosen: Choice | undefined;
  choose: (key: string | undefined) => void;
}

/** The select of all elements with a single value. */
export function SingleSelect({ place, chosen, choose, search, ...options }: SingleSelectProps) {
  const mayBeEmptied = place.field?.isRequired === false && chosen !== undefined;
  const frame = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const clear = (): void => {
    choose(undefined);
    // The pressed button disappears and would take the focus with it.
    opener.current?.focus();
  };
  return (
    <Select
      {...fieldProps(place)}
      className="field select"
      value={chosen?.key ?? null}
      onChange={(key) => choose(key === null ? undefined : String(key))}
      onOpenChange={(isOpen) => isOpen && search?.ask('')}
      allowsEmptyCollection
      autoFocus={options.focusOnLoad}
    >
      <FieldLabel place={place} />
      <div className="select-frame" ref={frame}>
        <Button className="select-opener" ref={opener}>
          <SelectValue className={chosen ? 'select-value' : 'select-value placeholder'}>
            {chosen ? (
              <>
                {chosen.mark}
                <span>{chosen.text}</span>
              </>
            ) : (
              options.placeholder
            )}
          </SelectValue>
          <Icon name="chevron-down" />
        </Button>
        {mayBeEmptied && (
          <Button slot={null} className="select-clear" aria-label={`Clear ${place.name}`} onPress={clear}>
            <Icon name="cross" />
          </Button>
        )}
      </div>
      <ChoiceList groups={options.groups} search={search} frame={frame} />
      <FieldNotes place={place} />
    </Select>
  );
}
