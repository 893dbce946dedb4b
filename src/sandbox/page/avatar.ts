import type { Author } from './directory.ts';
import { make } from './dom.ts';
import { icon } from './icons.ts';

const COLOURS = 6;

/** A coloured square with initials; the app's has a key. Decoration: the name always stands beside it. */
export function drawAvatar(author: Author): HTMLElement {
  if (author.kind === 'app') {
    return make('span', { class: 'avatar avatar-app', 'aria-hidden': 'true' }, icon('key'));
  }
  const colour = author.kind === 'slackbot' ? 'slackbot' : String(sumOf(author.id) % COLOURS);
  return make('span', { class: `avatar avatar-${colour}`, 'aria-hidden': 'true' }, initials(author.name));
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0]);
  return letters.join('').toUpperCase();
}

function sumOf(text: string): number {
  let sum = 0;
  for (const character of text) sum = (sum * 3 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum;
}
