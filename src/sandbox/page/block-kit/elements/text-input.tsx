import type { EmailInput, NumberInput, PlainTextInput, URLInput } from '@slack/types';
import type { KeyboardEvent } from 'react';
import { Input, TextArea, TextField } from 'react-aria-components';
import { ElementFrame, FieldLabel, FieldNotes, fieldProps, type Place } from '../form/field.tsx';
import { useElement } from '../form/use-element.tsx';

export type TextInputElement = PlainTextInput | EmailInput | URLInput | NumberInput;

/** Slack shows a countdown from this many characters before the limit. */
const COUNTDOWN_FROM = 50;

/** Negative past the limit: Slack lets people type on and shorten the text later. */
function CharactersLeft({ typed, maximum }: { typed: number; maximum: number }) {
  const left = maximum - typed;
  if (left > Math.min(COUNTDOWN_FROM, Math.ceil(maximum / 4))) return null;
  return (
    <span className={left < 0 ? 'characters-left too-many' : 'characters-left'}>
      <span aria-hidden="true">{left}</span>
      <span className="unseen" role="status">
        {left < 0 ? `${countCharacters(-left)} too many` : `${countCharacters(left)} left`}
      </span>
    </span>
  );
}

/** The input types stay `text`: Slack's client validates the value itself, so the browser must not. */
const KINDS = {
  plain_text_input: { type: 'text', inputMode: 'text' },
  email_text_input: { type: 'text', inputMode: 'email' },
  url_text_input: { type: 'text', inputMode: 'url' },
  number_input: { type: 'text', inputMode: 'decimal' },
} as const;

export function TextInput({ element, place }: { element: TextInputElement; place: Place }) {
  const { state, isBusy, keep, change, report } = useElement(place);
  const value = String(state?.value ?? '');
  const isMultiline = element.type === 'plain_text_input' && element.multiline === true;
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];
  const stateOf = (typed: string) => ({ type: element.type, value: typed || null });
  const type = (typed: string): void => {
    if (triggers.includes('on_character_entered')) void change(stateOf(typed));
    else keep(stateOf(typed));
  };
  const dispatchOnEnter = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing || isMultiline) return;
    if (!place.dispatches || !triggers.includes('on_enter_pressed')) return;
    // In a field that dispatches on Enter, Enter doesn't submit the form.
    event.preventDefault();
    void report(stateOf(value));
  };
  const placeholder = element.placeholder?.text ?? '';
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <TextField
        {...fieldProps(place)}
        {...KINDS[element.type]}
        className="field"
        value={value}
        onChange={type}
        autoFocus={element.focus_on_load === true}
        autoComplete="off"
        spellCheck="false"
      >
        <FieldLabel place={place} />
        <div className="text-input">
          {isMultiline ? (
            <TextArea rows={4} placeholder={placeholder} />
          ) : (
            <Input placeholder={placeholder} onKeyDown={dispatchOnEnter} />
          )}
          {element.type === 'plain_text_input' && (
            <CharactersLeft typed={value.length} maximum={element.max_length ?? 3_000} />
          )}
        </div>
        <FieldNotes place={place} />
      </TextField>
    </ElementFrame>
  );
}

function countCharacters(count: number): string {
  return `${count} ${count === 1 ? 'character' : 'characters'}`;
}
