/** In this order, because a select's tokens come before what opens it. */
const TARGETS = [
  '.select-opener',
  'input[type=radio]:checked',
  ':is(input, textarea):not([type=hidden], [tabindex="-1"])',
  '[role=spinbutton]',
  'button',
];

/** Puts the focus on the element of the block; false when there is none. */
export function focusField(container: ParentNode, blockId: string): boolean {
  const block = container.querySelector(`[data-block-id="${CSS.escape(blockId)}"]`);
  for (const target of TARGETS) {
    const found = block?.querySelector<HTMLElement>(target);
    if (!found) continue;
    found.focus();
    return true;
  }
  return false;
}
