import type { Confirm } from '@slack/types';
import type { Directory } from './directory.ts';
import { make, newId } from './dom.ts';
import { openModal } from './modal.ts';
import { drawText, plainText } from './text-object.ts';

/** Asks what the app wants asked. True when the person agreed. */
export function askToConfirm(confirm: Confirm, directory: Directory): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const labelledBy = newId('title');
  const describedBy = newId('text');
  const style = confirm.style === 'danger' ? 'danger' : 'primary';
  const deny = make(
    'button',
    { type: 'button', class: 'button' },
    confirm.deny ? plainText(confirm.deny) : 'Cancel',
  );
  const agree = make(
    'button',
    { type: 'button', class: `button button-${style}` },
    confirm.confirm ? plainText(confirm.confirm) : 'OK',
  );
  const answer = (agreed: boolean): void => {
    modal.close();
    resolve(agreed);
  };
  const modal = openModal(
    {
      className: 'dialog confirm',
      labelledBy,
      describedBy,
      leave: () => answer(false),
    },
    make('h2', { id: labelledBy }, confirm.title ? plainText(confirm.title) : 'Are you sure?'),
    make('div', { id: describedBy, class: 'confirm-text' }, drawText(confirm.text, directory)),
    make('div', { class: 'dialog-footer' }, deny, agree),
  );
  deny.addEventListener('click', () => answer(false));
  agree.addEventListener('click', () => answer(true));
  agree.focus();
  return promise;
}
