import type { Option, RadioButtons as RadioButtonsElement } from '@slack/types';
import { Text as Described, RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import { Text } from '../../mrkdwn/text-object.tsx';
import { fieldProps, type Place } from '../form/place.ts';
import { useElement } from '../form/use-element.ts';
import { ElementFrame } from './element-frame.tsx';
import { FieldLabel, FieldNotes } from './field-parts.tsx';

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
