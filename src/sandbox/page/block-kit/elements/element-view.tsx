import type * as slack from '@slack/types';
import { useState } from 'react';
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

interface ImageProps {
  /** Undefined for a `slack_file`, which the sandbox doesn't have. */
  url: string | undefined;
  altText: string;
}

/** Draws an image, or its alternative text if it can't be loaded. */
export function Image({ url, altText }: ImageProps) {
  const [failed, setFailed] = useState<string>();
  if (url === undefined || failed === url) {
    return (
      <span className="image-alt" role="img" aria-label={altText}>
        {altText}
      </span>
    );
  }
  return <img className="image" src={url} alt={altText} title={altText} onError={() => setFailed(url)} />;
}

export function imageUrl(image: object): string | undefined {
  return 'image_url' in image && typeof image.image_url === 'string' ? image.image_url : undefined;
}

/** A placeholder for a block or element that the sandbox can't draw. */
export function Unknown({ type }: { type: string }) {
  return <span className="not-drawn">{`The sandbox can’t draw “${type}”.`}</span>;
}
