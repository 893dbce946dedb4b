import type { InputBlock } from '@slack/types';
import { make, newId } from './dom.ts';
import type { Element } from './element.ts';
import { drawElement } from './element-view.ts';
import { icon } from './icons.ts';
import type { Surface } from './surface.ts';
import { plainText } from './text-object.ts';

const GROUPS = new Set(['radio_buttons', 'checkboxes']);

export function drawInput(block: InputBlock, blockId: string, surface: Surface): HTMLElement {
  const element = block.element as Element & { action_id?: string };
  const controlId = newId('control');
  const labelId = newId('label');
  const hintId = block.hint ? newId('hint') : undefined;
  const label = make(
    GROUPS.has(element.type) ? 'div' : 'label',
    {
      class: 'label',
      id: labelId,
      ...(GROUPS.has(element.type) ? {} : { for: controlId }),
    },
    plainText(block.label),
    block.optional ? make('span', { class: 'optional' }, ' (optional)') : null,
  );
  const control = drawElement(element, {
    surface,
    blockId,
    actionId: element.action_id ?? '',
    name: block.label.text,
    field: {
      controlId,
      labelId,
      describedBy: hintId,
      required: block.optional !== true,
    },
    dispatches: block.dispatch_action === true,
  });
  const hint = block.hint && make('p', { class: 'hint', id: hintId }, plainText(block.hint));
  return make('div', { class: 'field' }, label, control, hint);
}

/** Shows what is wrong with a field at the field, or takes it away again. */
export function showFieldError(block: HTMLElement, text: string | undefined): void {
  const control = block.querySelector('[data-action-id]');
  const shown = block.querySelector('.field-error');
  const described = (control?.getAttribute('aria-describedby') ?? '')
    .split(' ')
    .filter((id) => id && id !== shown?.id);
  shown?.remove();
  if (text === undefined) {
    control?.removeAttribute('aria-invalid');
  } else {
    const error = make('p', { class: 'field-error', id: newId('error') }, icon('warning'), text);
    (block.querySelector('.field') ?? block).append(error);
    control?.setAttribute('aria-invalid', 'true');
    described.unshift(error.id);
  }
  if (described.length > 0) control?.setAttribute('aria-describedby', described.join(' '));
  else control?.removeAttribute('aria-describedby');
}
