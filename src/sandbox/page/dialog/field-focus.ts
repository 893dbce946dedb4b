import { type RefObject, useEffect, useRef } from 'react';
import type { Block, ShownView } from '../../slack/protocol/page-protocol.ts';

/**
 * Puts the focus where `focus_on_load` says, else on the first field, else on the first button of the footer: when the
 * view comes, when a loading view becomes a form, and when what had the focus is gone.
 */
export function useFieldFocus(frameRef: RefObject<HTMLElement | null>, view: ShownView): void {
  const hadFields = useRef(false);
  const hasFields = firstField(view.blocks) !== undefined;
  const { blocks } = view;
  useEffect(() => {
    const frame = frameRef.current;
    if (!frame) return;
    const becameForm = hasFields && !hadFields.current;
    hadFields.current = hasFields;
    if (!becameForm && frame.contains(document.activeElement)) return;
    // Pop-ups of the fields stand elsewhere in the page and keep their focus.
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
