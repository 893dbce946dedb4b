import type { ExternalSelect as ExternalSelectElement, PlainTextOption } from '@slack/types';
import { choiceOf } from '../elements/choice.ts';
import { ElementFrame } from '../elements/element-frame.tsx';
import type { Place } from '../form/place.ts';
import { useElement } from '../form/use-element.ts';
import { SingleSelect } from './single-select.tsx';
import { useOptionsSearch } from './use-options-search.ts';

/** A select whose options the app is asked for while the person types. */
export function ExternalSelect({ element, place }: { element: ExternalSelectElement; place: Place }) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const search = useOptionsSearch(element, place);
  const chosen = state?.selected_option as PlainTextOption | null | undefined;
  const choose = (key: string | undefined): void => {
    const option = search.options.find(({ value }) => value === key);
    void change({ type: element.type, selected_option: option ?? null });
  };
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <SingleSelect
        place={place}
        placeholder={element.placeholder?.text ?? 'Select an option'}
        groups={search.groups}
        search={search}
        focusOnLoad={element.focus_on_load === true}
        chosen={chosen ? choiceOf(chosen) : undefined}
        choose={choose}
      />
    </ElementFrame>
  );
}
