import type {
  ExternalSelect,
  InputBlock,
  PlainTextInput,
  RadioButtons,
  StaticSelect,
  UsersSelect,
} from '@slack/types';
import { plainText } from '../messages/text.ts';
import type { Field } from './account-form-fields.ts';

/** One field of the form: its block and its element go by the field's name. */
export function input(
  field: Field,
  label: string,
  element: PlainTextInput | RadioButtons | StaticSelect | ExternalSelect | UsersSelect,
  options: { optional?: boolean; hint?: string } = {},
): InputBlock {
  return {
    type: 'input',
    block_id: field,
    label: plainText(label),
    element: { ...element, action_id: field },
    ...(options.optional === undefined ? {} : { optional: options.optional }),
    ...(options.hint === undefined ? {} : { hint: plainText(options.hint) }),
  };
}
