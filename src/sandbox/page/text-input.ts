import { make } from './dom.ts';
import type { TextInput } from './element.ts';
import { change, controlAttributes, type Place, report } from './surface.ts';

const KINDS = {
  plain_text_input: { type: 'text', inputmode: undefined },
  email_text_input: { type: 'email', inputmode: 'email' },
  url_text_input: { type: 'url', inputmode: 'url' },
  number_input: { type: 'text', inputmode: 'decimal' },
} as const;

export function drawTextInput(element: TextInput, place: Place): HTMLElement {
  const attributes = {
    ...controlAttributes(place),
    placeholder: element.placeholder?.text,
    autocomplete: 'off',
    spellcheck: 'false',
    autofocus: element.focus_on_load === true,
  };
  const isMultiline = element.type === 'plain_text_input' && element.multiline === true;
  const input = isMultiline
    ? make('textarea', { rows: '4', ...attributes })
    : make('input', { ...KINDS[element.type], ...attributes });
  const { surface, blockId, actionId } = place;
  input.value = String(surface.values.get(blockId, actionId)?.value ?? '');
  const state = () => ({ type: element.type, value: input.value || null });
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];

  input.addEventListener('input', () => {
    const dispatches = place.dispatches && triggers.includes('on_character_entered');
    void change({ ...place, dispatches }, state(), input);
  });
  input.addEventListener('keydown', (event) => {
    if (!(event instanceof KeyboardEvent) || event.key !== 'Enter' || event.isComposing || isMultiline)
      return;
    if (!place.dispatches || !triggers.includes('on_enter_pressed')) return;
    // Enter means "use this field" here, not "submit the form".
    event.preventDefault();
    void report(place, state(), input);
  });
  return input;
}
