import type { Button } from '@slack/types';
import { askToConfirm } from './confirm-dialog.ts';
import { make } from './dom.ts';
import type { Element } from './element.ts';
import { safeUrl } from './mrkdwn-reference.ts';
import { type Place, report } from './surface.ts';
import { plainText } from './text-object.ts';

export function drawButton(element: Button & Element, place: Place): HTMLElement {
  const button = make(
    'button',
    {
      type: 'button',
      class: `button ${element.style ? `button-${element.style}` : ''}`,
      'data-action-id': place.actionId,
      'aria-label': element.accessibility_label,
    },
    make('span', { class: 'button-text' }, plainText(element.text)),
  );
  button.addEventListener('click', () => void press(element, place, button));
  return button;
}

async function press(element: Button, place: Place, button: HTMLElement): Promise<void> {
  // Not `disabled`, which would take the focus away.
  if (button.getAttribute('aria-busy') === 'true') return;
  if (element.confirm && !(await askToConfirm(element.confirm, place.surface.directory))) return;
  const url = element.url === undefined ? undefined : safeUrl(element.url);
  if (url !== undefined) window.open(url, '_blank', 'noopener,noreferrer');
  await report(place, { type: 'button' }, button);
}
