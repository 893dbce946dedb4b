import type {
  Checkboxes as CheckboxesElement,
  Option,
  RadioButtons as RadioButtonsElement,
} from '@slack/types';
import {
  CheckboxButton,
  CheckboxField,
  CheckboxGroup,
  Text as Described,
  RadioButton,
  RadioField,
  RadioGroup,
} from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import { Text } from '../../mrkdwn/mrkdwn-view.tsx';
import { ElementFrame, FieldLabel, FieldNotes, fieldProps, type Place } from '../form/field.tsx';
import { useElement } from '../form/use-element.tsx';

export function Checkboxes({ element, place }: { element: CheckboxesElement; place: Place }) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const chosen = (state?.selected_options ?? []) as Option[];
  const choose = (values: string[]): void => {
    const options = element.options.filter((option) => values.includes(option.value ?? ''));
    void change({ type: 'checkboxes', selected_options: options });
  };
  // The group's `isRequired` would require every checkbox; Slack requires at least one.
  const { isRequired: _, ...props } = fieldProps(place);
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <CheckboxGroup
        {...props}
        className="field"
        value={chosen.map((option) => option.value ?? '')}
        onChange={choose}
      >
        <FieldLabel place={place} />
        <div className="choices">
          {element.options.map((option, index) => (
            <CheckboxField
              key={option.value}
              className="choice"
              value={option.value ?? ''}
              autoFocus={element.focus_on_load === true && index === 0}
            >
              <CheckboxButton className="choice-button">
                <span className="checkbox-mark">
                  <Icon name="check" />
                </span>
                <span className="text">
                  <Text object={option.text} directory={place.surface.directory} />
                </span>
              </CheckboxButton>
              {option.description && (
                <Described slot="description" className="text choice-description">
                  <Text object={option.description} directory={place.surface.directory} />
                </Described>
              )}
            </CheckboxField>
          ))}
        </div>
        <FieldNotes place={place} />
      </CheckboxGroup>
    </ElementFrame>
  );
}

export function RadioButtons({ element, place }: { element: RadioButtonsElement; place: Place }) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const chosen = state?.selected_option as Option | null | undefined;
  const choose = (value: string): void => {
    const option = element.options.find((candidate) => candidate.value === value);
    void change({ type: 'radio_buttons', selected_option: option ?? null });
  };
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <RadioGroup {...fieldProps(place)} className="field" value={chosen?.value ?? null} onChange={choose}>
        <FieldLabel place={place} />
        <div className="choices">
          {element.options.map((option, index) => (
            <RadioField
              key={option.value}
              className="choice"
              value={option.value ?? ''}
              autoFocus={element.focus_on_load === true && index === 0}
            >
              <RadioButton className="choice-button">
                <span className="radio-mark" />
                <span className="text">
                  <Text object={option.text} directory={place.surface.directory} />
                </span>
              </RadioButton>
              {option.description && (
                <Described slot="description" className="text choice-description">
                  <Text object={option.description} directory={place.surface.directory} />
                </Described>
              )}
            </RadioField>
          ))}
        </div>
        <FieldNotes place={place} />
      </RadioGroup>
    </ElementFrame>
  );
}
