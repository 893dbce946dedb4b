import { Button } from './button.tsx';
import { ChannelsSelect, MultiChannelsSelect } from './channels-select.tsx';
import { Checkboxes } from './checkboxes.tsx';
import { ConversationsSelect, MultiConversationsSelect } from './conversations-select.tsx';
import { Datepicker } from './datepicker.tsx';
import { Datetimepicker } from './datetimepicker.tsx';
import type { Element } from './element.ts';
import { ExternalSelect } from './external-select.tsx';
import { Image, imageUrl } from './image.tsx';
import { MultiExternalSelect } from './multi-external-select.tsx';
import { MultiStaticSelect } from './multi-static-select.tsx';
import { Overflow } from './overflow.tsx';
import type { Place } from './place.ts';
import { RadioButtons } from './radio-buttons.tsx';
import { StaticSelect } from './static-select.tsx';
import { TextInput } from './text-input.tsx';
import { Timepicker } from './timepicker.tsx';
import { Unknown } from './unknown.tsx';
import { MultiUsersSelect, UsersSelect } from './users-select.tsx';

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
