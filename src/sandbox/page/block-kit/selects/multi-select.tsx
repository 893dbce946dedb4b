import './select.css';
import { type RefObject, useId, useRef } from 'react';
import { Button, type Key, Select, SelectValue, Tag, TagGroup, TagList } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import { FieldLabel, FieldNotes, fieldProps, type Place } from '../form/field.tsx';
import { type Choice, ChoiceList } from './choice-list.tsx';
import type { SelectOptions } from './single-select.tsx';

interface MultiSelectProps extends SelectOptions {
  chosen: Choice[];
  maximum: number | undefined;
  choose: (keys: string[]) => void;
}

/** The select of all elements with several values, which are shown as tokens. */
export function MultiSelect({ place, chosen, maximum, choose, search, ...options }: MultiSelectProps) {
  const labelId = useId();
  const frame = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const keys = chosen.map(({ key }) => key);
  const isFull = maximum !== undefined && keys.length >= maximum;
  const all = options.groups.flatMap(({ choices }) => choices.map(({ key }) => key));
  const remove = (removed: Set<Key>): void => {
    const left = keys.filter((key) => !removed.has(key));
    // Removing the last token removes the token list, which has the focus.
    if (left.length === 0) opener.current?.focus();
    choose(left);
  };
  return (
    <Select
      {...fieldProps(place)}
      className="field select"
      selectionMode="multiple"
      value={keys}
      onChange={(next) => choose(next.map(String))}
      onOpenChange={(isOpen) => isOpen && search?.ask('')}
      disabledKeys={isFull ? all.filter((key) => !keys.includes(key)) : []}
      allowsEmptyCollection
      autoFocus={options.focusOnLoad}
    >
      <FieldLabel place={place} id={labelId} />
      <div className="select-frame multi-select-frame" ref={frame}>
        <SelectValue className="tokens-frame">
          {chosen.length > 0 ? <ChosenTokens name={place.name} chosen={chosen} remove={remove} /> : null}
        </SelectValue>
        <MultiSelectOpener
          place={place}
          opener={opener}
          labelId={labelId}
          announcement={chosen.length > 0 ? `${chosen.length} selected` : options.placeholder}
          placeholder={chosen.length > 0 ? '' : options.placeholder}
        />
      </div>
      <ChoiceList groups={options.groups} search={search} frame={frame} />
      <FieldNotes place={place} />
    </Select>
  );
}

interface MultiSelectOpenerProps {
  place: Place;
  opener: RefObject<HTMLButtonElement | null>;
  labelId: string;
  /** What a screen reader announces for the selection; each token has its own name. */
  announcement: string;
  placeholder: string;
}

function MultiSelectOpener({ place, opener, labelId, announcement, placeholder }: MultiSelectOpenerProps) {
  const choiceId = useId();
  const nameId = place.field ? labelId : (place.namedBy ?? labelId);
  return (
    <>
      <Button className="select-opener" ref={opener} aria-labelledby={`${nameId} ${choiceId}`}>
        <span className="select-value placeholder">{placeholder}</span>
        <Icon name="chevron-down" />
      </Button>
      <span id={choiceId} className="unseen">
        {announcement}
      </span>
      {place.field ? null : (
        <span id={labelId} className="unseen">
          {place.name}
        </span>
      )}
    </>
  );
}

interface ChosenTokensProps {
  name: string;
  chosen: Choice[];
  remove: (keys: Set<Key>) => void;
}

function ChosenTokens({ name, chosen, remove }: ChosenTokensProps) {
  return (
    <TagGroup className="tokens" aria-label={`Selected: ${name}`} onRemove={remove}>
      <TagList className="token-list">
        {chosen.map(({ key, text, mark }) => (
          <Tag key={key} id={key} className="token" textValue={text}>
            {mark}
            <span className="token-text">{text}</span>
            <Button slot="remove" className="token-remove">
              <Icon name="cross" />
            </Button>
          </Tag>
        ))}
      </TagList>
    </TagGroup>
  );
}
