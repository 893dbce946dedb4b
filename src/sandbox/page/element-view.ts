import { drawButton } from './button.ts';
import { drawCheckboxes, drawRadioButtons } from './choices.ts';
import { drawDatepicker } from './datepicker.ts';
import { make } from './dom.ts';
import type { Element } from './element.ts';
import { drawExternalSelect } from './external-select.ts';
import { drawOverflow } from './overflow-menu.ts';
import { drawConversationsSelect, drawStaticSelect, drawUsersSelect } from './select.ts';
import type { Place } from './surface.ts';
import { drawTextInput } from './text-input.ts';

export function drawElement(element: Element, place: Place): HTMLElement {
  switch (element.type) {
    case 'button':
      return drawButton(element, place);
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return drawTextInput(element, place);
    case 'static_select':
      return drawStaticSelect(element, place);
    case 'users_select':
      return drawUsersSelect(element, place);
    case 'conversations_select':
      return drawConversationsSelect(element, place);
    case 'external_select':
      return drawExternalSelect(element, place);
    case 'radio_buttons':
      return drawRadioButtons(element, place);
    case 'checkboxes':
      return drawCheckboxes(element, place);
    case 'datepicker':
      return drawDatepicker(element, place);
    case 'overflow':
      return drawOverflow(element, place);
    case 'image':
      return drawImage(element.alt_text);
    default:
      return drawUnknown((element as { type: string }).type);
  }
}

/** The page loads nothing from elsewhere, so that pictures are shown by their description. */
export function drawImage(altText: string): HTMLElement {
  return make('span', { class: 'image-alt', role: 'img', 'aria-label': altText }, altText);
}

export function drawUnknown(type: string): HTMLElement {
  return make('span', { class: 'not-drawn' }, `The sandbox does not draw “${type}”.`);
}
