import type * as slack from '@slack/types';
import type { Place } from '../form/field.tsx';
import {
  ExternalSelect,
  MultiExternalSelect,
  MultiStaticSelect,
  StaticSelect,
} from '../selects/option-selects.tsx';
import {
  ChannelsSelect,
  ConversationsSelect,
  MultiChannelsSelect,
  MultiConversationsSelect,
  MultiUsersSelect,
  UsersSelect,
} from '../selects/workspace-selects.tsx';
import { Button, Overflow } from './buttons.tsx';
import { Checkboxes, RadioButtons } from './checkboxes-and-radio-buttons.tsx';
import { Datepicker, Datetimepicker, Timepicker } from './date-pickers.tsx';
import { Image, imageUrl, Unknown } from './image.tsx';
import { TextInput, type TextInputElement } from './text-input.tsx';

/** The element types that the page can draw. */
export type Element =
  | slack.Button
  | slack.ChannelsSelect
  | slack.Checkboxes
  | slack.ConversationsSelect
  | slack.Datepicker
  | slack.DateTimepicker
  | slack.ExternalSelect
  | slack.ImageElement
  | slack.MultiChannelsSelect
  | slack.MultiConversationsSelect
  | slack.MultiExternalSelect
  | slack.MultiStaticSelect
  | slack.MultiUsersSelect
  | slack.Overflow
  | slack.RadioButtons
  | slack.StaticSelect
  | TextInputElement
  | slack.Timepicker
  | slack.UsersSelect;

export function ElementView({ element, place }: { element: Element; place: Place }) {
  switch (element.type) {
    case 'button':
      return <Button element={element} place={place} />;
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return <TextInput element={element} place={place} />;
    case 'static_select':
      return <StaticSelect element={element} place={place} />;
    case 'multi_static_select':
      return <MultiStaticSelect element={element} place={place} />;
    case 'external_select':
      return <ExternalSelect element={element} place={place} />;
    case 'multi_external_select':
      return <MultiExternalSelect element={element} place={place} />;
    case 'users_select':
      return <UsersSelect element={element} place={place} />;
    case 'multi_users_select':
      return <MultiUsersSelect element={element} place={place} />;
    case 'conversations_select':
      return <ConversationsSelect element={element} place={place} />;
    case 'multi_conversations_select':
      return <MultiConversationsSelect element={element} place={place} />;
    case 'channels_select':
      return <ChannelsSelect element={element} place={place} />;
    case 'multi_channels_select':
      return <MultiChannelsSelect element={element} place={place} />;
    case 'radio_buttons':
      return <RadioButtons element={element} place={place} />;
    case 'checkboxes':
      return <Checkboxes element={element} place={place} />;
    case 'datepicker':
      return <Datepicker element={element} place={place} />;
    case 'timepicker':
      return <Timepicker element={element} place={place} />;
    case 'datetimepicker':
      return <Datetimepicker element={element} place={place} />;
    case 'overflow':
      return <Overflow element={element} place={place} />;
    case 'image':
      return <Image url={imageUrl(element)} altText={element.alt_text} />;
    default:
      return <Unknown type={(element as { type: string }).type} />;
  }
}
