import type {
  ChannelsSelect as ChannelsSelectElement,
  MultiChannelsSelect as MultiChannelsSelectElement,
} from '@slack/types';
import type { Place } from '../form/place.ts';
import { MultiNamedSelect } from '../multi-selects/multi-named-select.tsx';
import { conversationChoices } from './conversation-choices.tsx';
import { NamedSelect } from './named-select.tsx';

/** Public channels alone, as in Slack. */
export function ChannelsSelect({ element, place }: { element: ChannelsSelectElement; place: Place }) {
  const choices = conversationChoices(place.surface.directory, ['public']);
  const look = { element, place, choices, placeholder: 'Select a channel' };
  return <NamedSelect {...look} stateKey="selected_channel" />;
}

export function MultiChannelsSelect({
  element,
  place,
}: {
  element: MultiChannelsSelectElement;
  place: Place;
}) {
  const choices = conversationChoices(place.surface.directory, ['public']);
  const look = { element, place, choices, placeholder: 'Select channels' };
  return <MultiNamedSelect {...look} stateKey="selected_channels" />;
}
