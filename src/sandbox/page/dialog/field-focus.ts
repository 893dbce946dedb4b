import { type RefObject, useEffect, useRef } from 'react';
import type { Block, PageModal } from '../../slack/protocol/page-protocol.ts';

/**
 * Focuses the field with `focus_on_load`, else the first field, else the first footer button. Runs when the view
 * opens, when a loading view becomes a form, and when the focused element is removed.
 */
export function useFieldFocus(frameRef: RefObject<HTMLElement | null>, view: PageModal): void {
  const hadFields = useRef(false);
  const hasFields = firstField(view.blocks) !== undefined;
  const { blocks } = view;
  useEffect(() => {
    const frame = frameRef.current;
    if (!frame) return;
    const becameForm = hasFields && !hadFields.current;
    hadFields.current = hasFields;
    if (!becameForm && frame.contains(document.activeElement)) return;
    // Popups of fields are rendered outside the frame and keep their focus.
    if (!becameForm && document.activeElement?.closest('.popup')) return;
    const wanted = firstField(blocks);
    const isFocused = wanted !== undefined && focusField(frame, wanted);
    if (!isFocused) frame.querySelector<HTMLElement>('.dialog-footer button')?.focus();
  }, [frameRef, blocks, hasFields]);
}

function firstField(blocks: Block[]): string | undefined {
  const inputs = blocks.filter(({ type }) => type === 'input');
  const wanted = inputs.find(
    ({ element }) => (element as { focus_on_load?: boolean }).focus_on_load === true,
  );
  return (wanted ?? inputs[0])?.block_id;
}

/** In this order, because the tokens of a select come before its opener. */
const TARGETS = [
  '.select-opener',
  'input[type=radio]:checked',
  ':is(input, textarea):not([type=hidden], [tabindex="-1"])',
  '[role=spinbutton]',
  'button',
];

/** Focuses the element of a block. Returns false if the block has none. */
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
