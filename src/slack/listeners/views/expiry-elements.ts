import type { Datepicker, StaticSelect } from '@slack/types';
import {
  type KeyExpiryRules,
  OTHER_EXPIRY_CHOICES,
  offeredDays,
  preselectedDays,
} from '../../../domain/accounts/key-expiry.ts';
import { option, plainText } from '../../messages/blocks.ts';

export const EXPIRES_ON_LABEL = 'Last day';
export const EXPIRES_ON_HINT = 'The key is valid through this day, in UTC.';

/** Returns the menu *Expires* of a form that creates a key. A choice stays in the menu where the rules can't be read now. */
export function expirySelect(rules: KeyExpiryRules, chosen: string | undefined): StaticSelect {
  const { onDate, never } = OTHER_EXPIRY_CHOICES;
  const options = [
    ...offeredDays(rules).map((days) => option(String(days), `${days} days`)),
    option(onDate, 'On a date…'),
    ...(rules.mayNeverExpire || chosen === never ? [option(never, 'Never')] : []),
  ];
  const initial =
    options.find(({ value }) => value === chosen) ??
    options.find(({ value }) => value === String(preselectedDays(rules)));
  return { type: 'static_select', options, ...(initial && { initial_option: initial }) };
}

export function expiryDatePicker(date: string | undefined): Datepicker {
  return {
    type: 'datepicker',
    placeholder: plainText('Choose a date'),
    ...(date && { initial_date: date }),
  };
}
