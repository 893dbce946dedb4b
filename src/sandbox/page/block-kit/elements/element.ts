import type {
  Button,
  ChannelsSelect,
  Checkboxes,
  ConversationsSelect,
  Datepicker,
  DateTimepicker,
  EmailInput,
  ExternalSelect,
  ImageElement,
  MultiChannelsSelect,
  MultiConversationsSelect,
  MultiExternalSelect,
  MultiStaticSelect,
  MultiUsersSelect,
  NumberInput,
  Overflow,
  PlainTextInput,
  RadioButtons,
  StaticSelect,
  Timepicker,
  URLInput,
  UsersSelect,
} from '@slack/types';

export type TextInputElement = PlainTextInput | EmailInput | URLInput | NumberInput;

/** The elements that the page draws. */
export type Element =
  | Button
  | ChannelsSelect
  | Checkboxes
  | ConversationsSelect
  | Datepicker
  | DateTimepicker
  | ExternalSelect
  | ImageElement
  | MultiChannelsSelect
  | MultiConversationsSelect
  | MultiExternalSelect
  | MultiStaticSelect
  | MultiUsersSelect
  | Overflow
  | RadioButtons
  | StaticSelect
  | TextInputElement
  | Timepicker
  | UsersSelect;
