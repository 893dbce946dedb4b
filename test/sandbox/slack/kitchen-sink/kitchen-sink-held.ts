import { expect } from 'vitest';
import { people } from '../fixture.ts';

const random = 'C0RANDOM01';
const platform = 'C0MLPLAT01';
const values = (...all: string[]) => all.map((value) => expect.objectContaining({ value }));

/** What each of the kitchen's elements holds in a payload once it is filled in. */
export const held: Record<string, object> = {
  plain_text_input: { value: 'soup' },
  email_text_input: { value: 'cook@acme.test' },
  url_text_input: { value: 'https://acme.test/soup' },
  number_input: { value: '4' },
  static_select: { selected_option: { value: 'b' } },
  external_select: { selected_option: { value: 'pear' } },
  users_select: { selected_user: people.ben },
  conversations_select: { selected_conversation: random },
  channels_select: { selected_channel: platform },
  multi_static_select: { selected_options: values('apple', 'almond') },
  multi_external_select: { selected_options: values('almond', 'apple') },
  multi_users_select: { selected_users: [people.ben, people.cy] },
  multi_conversations_select: { selected_conversations: [random, platform] },
  radio_buttons: { selected_option: { value: 'b' } },
  checkboxes: { selected_options: values('a', 'c') },
  datepicker: { selected_date: '2026-03-02' },
  timepicker: { selected_time: '09:30' },
  datetimepicker: { selected_date_time: Date.parse('2026-03-02T09:30:00Z') / 1000 },
};
