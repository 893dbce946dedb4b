import type {
  MultiStaticSelect as MultiStaticSelectElement,
  PlainTextOption,
  StaticSelect as StaticSelectElement,
} from '@slack/types';
import { choiceGroupsOf, choiceOf } from '../elements/choice.ts';
import { ElementFrame } from '../elements/element-frame.tsx';
import type { Place } from '../form/place.ts';
import { useElement } from '../form/use-element.ts';
import { SingleSelect } from './single-select.tsx';

export function StaticSelect({ element, place }: { element: StaticSelectElement; place: Place }) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const chosen = state?.selected_option as PlainTextOption | null | undefined;
  const choose = (key: string | undefined): void => {
    const option = offeredOptions(element).find(({ value }) => value === key);
    void change({ type: element.type, selected_option: option ?? null });
  };
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <SingleSelect
        place={place}
        placeholder={element.placeholder?.text ?? 'Select an option'}
        groups={choiceGroupsOf(element)}
        focusOnLoad={element.focus_on_load === true}
        chosen={chosen ? choiceOf(chosen) : undefined}
        choose={choose}
      />
    </ElementFrame>
  );
}

export function offeredOptions(element: StaticSelectElement | MultiStaticSelectElement): PlainTextOption[] {
  return element.options ?? element.option_groups?.flatMap(({ options }) => options) ?? [];
}
