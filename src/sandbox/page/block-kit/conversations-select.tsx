import type {
  ConversationsSelect as ConversationsSelectElement,
  MultiConversationsSelect as MultiConversationsSelectElement,
} from '@slack/types';
import { conversationChoices } from './conversation-choices.tsx';
import { MultiNamedSelect } from './multi-named-select.tsx';
import { NamedSelect } from './named-select.tsx';
import type { Place } from './place.ts';

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
