import type { MultiStaticSelect as MultiStaticSelectElement, PlainTextOption } from '@slack/types';
import { choiceGroupsOf, choiceOf } from '../elements/choice.ts';
import { ElementFrame } from '../elements/element-frame.tsx';
import type { Place } from '../form/place.ts';
import { useElement } from '../form/use-element.ts';
import { offeredOptions } from '../selects/static-select.tsx';
import { MultiSelect } from './multi-select.tsx';

export function MultiStaticSelect({ element, place }: { element: MultiStaticSelectElement; place: Place }) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const chosen = (state?.selected_options ?? []) as PlainTextOption[];
  const choose = (keys: string[]): void => {
    const offered = offeredOptions(element);
    const options = keys.flatMap((key) => offered.find(({ value }) => value === key) ?? []);
    void change({ type: element.type, selected_options: options });
  };
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <MultiSelect
        place={place}
        placeholder={element.placeholder?.text ?? 'Select options'}
        groups={choiceGroupsOf(element)}
        focusOnLoad={element.focus_on_load === true}
        chosen={chosen.map(choiceOf)}
        maximum={element.max_selected_items}
        choose={choose}
      />
    </ElementFrame>
  );
}
