import type {
  MultiChannelsSelect as MultiChannelsSelectElement,
  MultiConversationsSelect as MultiConversationsSelectElement,
  MultiUsersSelect as MultiUsersSelectElement,
} from '@slack/types';
import type { Choice } from '../elements/choice.ts';
import { ElementFrame } from '../elements/element-frame.tsx';
import type { Place } from '../form/place.ts';
import { useElement } from '../form/use-element.ts';
import { choiceOfId } from '../selects/named-select.tsx';
import { MultiSelect } from './multi-select.tsx';

interface MultiNamedSelectProps {
  element: MultiUsersSelectElement | MultiConversationsSelectElement | MultiChannelsSelectElement;
  place: Place;
  /** Under which key of its state the chosen IDs stand. */
  stateKey: 'selected_users' | 'selected_conversations' | 'selected_channels';
  placeholder: string;
  choices: Choice[];
}

/** A select of several people or conversations of the workspace: it holds IDs. */
export function MultiNamedSelect({ element, place, stateKey, placeholder, choices }: MultiNamedSelectProps) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const ids = (state?.[stateKey] ?? []) as string[];
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <MultiSelect
        place={place}
        placeholder={element.placeholder?.text ?? placeholder}
        groups={[{ choices }]}
        focusOnLoad={element.focus_on_load === true}
        chosen={ids.map((id) => choiceOfId(choices, id))}
        maximum={element.max_selected_items}
        choose={(keys) => void change({ type: element.type, [stateKey]: keys })}
      />
    </ElementFrame>
  );
}
