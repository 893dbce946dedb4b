import type {
  ChannelsSelect as ChannelsSelectElement,
  ConversationsSelect as ConversationsSelectElement,
  MultiChannelsSelect as MultiChannelsSelectElement,
  MultiConversationsSelect as MultiConversationsSelectElement,
  MultiUsersSelect as MultiUsersSelectElement,
  UsersSelect as UsersSelectElement,
} from '@slack/types';
import { Avatar } from '../../look/avatar.tsx';
import { Icon } from '../../look/icons.tsx';
import type { Directory } from '../../session/directory.ts';
import { ElementFrame, type Place } from '../form/field.tsx';
import { useElement } from '../form/use-element.tsx';
import type { Choice } from './choice-list.tsx';
import { MultiSelect } from './multi-select.tsx';
import { SingleSelect } from './single-select.tsx';

export function UsersSelect({ element, place }: { element: UsersSelectElement; place: Place }) {
  const choices = peopleOf(place.surface.directory);
  const shared = { element, place, choices, placeholder: 'Select a person' };
  return <NamedSelect {...shared} stateKey="selected_user" />;
}

export function MultiUsersSelect({ element, place }: { element: MultiUsersSelectElement; place: Place }) {
  const choices = peopleOf(place.surface.directory);
  const shared = { element, place, choices, placeholder: 'Select people' };
  return <MultiNamedSelect {...shared} stateKey="selected_users" />;
}

function peopleOf(directory: Directory): Choice[] {
  return directory.people.map(({ id, name }) => ({
    key: id,
    text: name,
    mark: <Avatar author={directory.author(id)} />,
  }));
}

export function ConversationsSelect({
  element,
  place,
}: {
  element: ConversationsSelectElement;
  place: Place;
}) {
  const choices = conversationChoices(place.surface.directory, element.filter?.include);
  const shared = { element, place, choices, placeholder: 'Select a conversation' };
  return <NamedSelect {...shared} stateKey="selected_conversation" />;
}

export function MultiConversationsSelect({
  element,
  place,
}: {
  element: MultiConversationsSelectElement;
  place: Place;
}) {
  const choices = conversationChoices(place.surface.directory, element.filter?.include);
  const shared = { element, place, choices, placeholder: 'Select conversations' };
  return <MultiNamedSelect {...shared} stateKey="selected_conversations" />;
}

/** Offers public channels only, as Slack does. */
export function ChannelsSelect({ element, place }: { element: ChannelsSelectElement; place: Place }) {
  const choices = conversationChoices(place.surface.directory, ['public']);
  const shared = { element, place, choices, placeholder: 'Select a channel' };
  return <NamedSelect {...shared} stateKey="selected_channel" />;
}

export function MultiChannelsSelect({
  element,
  place,
}: {
  element: MultiChannelsSelectElement;
  place: Place;
}) {
  const choices = conversationChoices(place.surface.directory, ['public']);
  const shared = { element, place, choices, placeholder: 'Select channels' };
  return <MultiNamedSelect {...shared} stateKey="selected_channels" />;
}

type Kind = NonNullable<NonNullable<ConversationsSelectElement['filter']>['include']>[number];

const SIGNS = { public: 'hash', private: 'lock', im: 'person', mpim: 'people' } as const;

/** Returns the conversations of the given kinds; without `kinds`, all of them. */
function conversationChoices(directory: Directory, kinds?: Kind[]): Choice[] {
  return directory.conversations
    .filter((conversation) => kinds === undefined || kinds.includes(kindOf(conversation)))
    .map((conversation) => ({
      key: conversation.id,
      text: conversation.name,
      mark: <Icon name={SIGNS[kindOf(conversation)]} />,
    }));
}

function kindOf({ id, kind }: { id: string; kind?: string }): Kind {
  if (id.startsWith('D')) return 'im';
  return kind === 'private' ? 'private' : 'public';
}

interface NamedSelectProps {
  element: UsersSelectElement | ConversationsSelectElement | ChannelsSelectElement;
  place: Place;
  /** The key of the chosen ID in the element's state. */
  stateKey: 'selected_user' | 'selected_conversation' | 'selected_channel';
  placeholder: string;
  choices: Choice[];
}

/** A select whose value is the ID of a person or conversation. */
function NamedSelect({ element, place, stateKey, placeholder, choices }: NamedSelectProps) {
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

/** The app may preselect someone or something that this person can't see. */
function choiceOfId(choices: Choice[], id: string): Choice {
  return choices.find(({ key }) => key === id) ?? { key: id, text: id };
}

interface MultiNamedSelectProps {
  element: MultiUsersSelectElement | MultiConversationsSelectElement | MultiChannelsSelectElement;
  place: Place;
  /** The key of the chosen IDs in the element's state. */
  stateKey: 'selected_users' | 'selected_conversations' | 'selected_channels';
  placeholder: string;
  choices: Choice[];
}

/** A select whose value is a list of IDs of people or conversations. */
function MultiNamedSelect({ element, place, stateKey, placeholder, choices }: MultiNamedSelectProps) {
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
