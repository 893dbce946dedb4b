import type { MultiExternalSelect as MultiExternalSelectElement, PlainTextOption } from '@slack/types';
import { choiceOf } from '../elements/choice.ts';
import { ElementFrame } from '../elements/element-frame.tsx';
import type { Place } from '../form/place.ts';
import { useElement } from '../form/use-element.ts';
import { useOptionsSearch } from '../selects/use-options-search.ts';
import { MultiSelect } from './multi-select.tsx';

export function MultiExternalSelect({
  element,
  place,
}: {
  element: MultiExternalSelectElement;
  place: Place;
}) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const search = useOptionsSearch(element, place);
  const chosen = (state?.selected_options ?? []) as PlainTextOption[];
  const choose = (keys: string[]): void => {
    // What was chosen from an earlier answer of the app is no longer among the found ones.
    const known = [...chosen, ...search.options];
    const options = keys.flatMap((key) => known.find(({ value }) => value === key) ?? []);
    void change({ type: element.type, selected_options: options });
  };
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <MultiSelect
        place={place}
        placeholder={element.placeholder?.text ?? 'Select options'}
        groups={search.groups}
        search={search}
        focusOnLoad={element.focus_on_load === true}
        chosen={chosen.map(choiceOf)}
        maximum={element.max_selected_items}
        choose={choose}
      />
    </ElementFrame>
  );
}
