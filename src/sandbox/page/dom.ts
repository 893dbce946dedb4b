/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

export type Child = Node | string | null | undefined | false;
export type Attributes = Record<string, string | boolean | undefined>;

/** Builds one element. Children that are strings become text nodes: nothing here ever reads HTML. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter(isShown));
  return element;
}

function isShown(child: Child): child is Node | string {
  return child !== null && child !== undefined && child !== false && child !== '';
}

let lastId = 0;

/** An id that no other element of the page has, for `for`, `aria-labelledby` and their like. */
export function newId(stem: string): string {
  lastId += 1;
  return `${stem}-${lastId}`;
}

/** Text for screen readers alone. */
export function unseen(text: string): HTMLElement {
  return make('span', { class: 'unseen' }, text);
}
