import type {
  ExternalSelect as ExternalSelectElement,
  MultiExternalSelect as MultiExternalSelectElement,
  MultiStaticSelect as MultiStaticSelectElement,
  PlainTextOption,
  StaticSelect as StaticSelectElement,
} from '@slack/types';
import { ElementFrame, type Place } from '../form/field.tsx';
import { useElement } from '../form/use-element.tsx';
import { choiceGroupsOf, choiceOf } from './choice-list.tsx';
import { MultiSelect } from './multi-select.tsx';
import { useOptionsSearch } from './options-search.ts';
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

function offeredOptions(element: StaticSelectElement | MultiStaticSelectElement): PlainTextOption[] {
  return element.options ?? element.option_groups?.flatMap(({ options }) => options) ?? [];
}

/** A select whose options come from the app while the person types. */
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
    // The latest search may not include options that were chosen from an earlier one.
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
