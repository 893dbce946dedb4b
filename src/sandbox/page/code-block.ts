import { make } from './dom.ts';
import { icon } from './icons.ts';

const COPIED_FOR_MS = 1_500;

/** Preformatted text with a copy button beside it: not in Slack, but it spares people the selecting. */
export function drawCodeBlock(content: Node): HTMLElement {
  const code = make('pre', { class: 'code-block' }, content);
  const said = make('span', { class: 'unseen', role: 'status' });
  const button = make(
    'button',
    { type: 'button', class: 'copy', 'aria-label': 'Copy code', title: 'Copy' },
    icon('copy'),
  );
  button.addEventListener('click', () => void copy(code, button, said));
  return make('div', { class: 'code-frame' }, code, button, said);
}

async function copy(code: HTMLElement, button: HTMLElement, said: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    // No clipboard for this page: leave it selected, for the person's own copy key.
    getSelection()?.selectAllChildren(code);
    said.textContent = 'Selected';
    return;
  }
  button.replaceChildren(icon('check'));
  said.textContent = 'Copied';
  window.setTimeout(() => {
    button.replaceChildren(icon('copy'));
    said.textContent = '';
  }, COPIED_FOR_MS);
}
