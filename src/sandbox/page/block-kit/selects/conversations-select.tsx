import type {
  ConversationsSelect as ConversationsSelectElement,
  MultiConversationsSelect as MultiConversationsSelectElement,
} from '@slack/types';
import type { Place } from '../form/place.ts';
import { MultiNamedSelect } from '../multi-selects/multi-named-select.tsx';
import { conversationChoices } from './conversation-choices.tsx';
import { NamedSelect } from './named-select.tsx';

export function ConversationsSelect({
  element,
  place,
}: {
  element: ConversationsSelectElement;
  place: Place;
}) {
  const choices = conversationChoices(place.surface.directory, element.filter?.include);
  const look = { element, place, choices, placeholder: 'Select a conversation' };
  return <NamedSelect {...look} stateKey="selected_conversation" />;
}

export function MultiConversationsSelect({
  element,
  place,
}: {
  element: MultiConversationsSelectElement;
  place: Place;
}) {
  const choices = conversationChoices(place.surface.directory, element.filter?.include);
  const look = { element, place, choices, placeholder: 'Select conversations' };
  return <MultiNamedSelect {...look} stateKey="selected_conversations" />;
}
