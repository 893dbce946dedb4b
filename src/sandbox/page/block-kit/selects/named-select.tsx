import type {
  ChannelsSelect as ChannelsSelectElement,
  ConversationsSelect as ConversationsSelectElement,
  UsersSelect as UsersSelectElement,
} from '@slack/types';
import type { Choice } from '../elements/choice.ts';
import { ElementFrame } from '../elements/element-frame.tsx';
import type { Place } from '../form/place.ts';
import { useElement } from '../form/use-element.ts';
import { SingleSelect } from './single-select.tsx';

interface NamedSelectProps {
  element: UsersSelectElement | ConversationsSelectElement | ChannelsSelectElement;
  place: Place;
  /** Under which key of its state the chosen ID stands. */
  stateKey: 'selected_user' | 'selected_conversation' | 'selected_channel';
  placeholder: string;
  choices: Choice[];
}

/** A select of people or conversations of the workspace: it holds an ID. */
export function NamedSelect({ element, place, stateKey, placeholder, choices }: NamedSelectProps) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const id = state?.[stateKey];
  const chosen = typeof id === 'string' ? choiceOfId(choices, id) : undefined;
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <SingleSelect
        place={place}
        placeholder={element.placeholder?.text ?? placeholder}
        groups={[{ choices }]}
        focusOnLoad={element.focus_on_load === true}
        chosen={chosen}
        choose={(key) => void change({ type: element.type, [stateKey]: key ?? null })}
      />
    </ElementFrame>
  );
}

/** An app may have chosen someone whom the person can't see. */
export function choiceOfId(choices: Choice[], id: string): Choice {
  return choices.find(({ key }) => key === id) ?? { key: id, text: id };
}
