import type { Block, ElementState } from './page-protocol.ts';
import { allElements, offeredOptions, type StatefulElement } from './view-state.ts';

export interface ConfirmDialog {
  title: string;
  text: string;
  confirm: string;
  deny: string;
}

export interface ClickOptions {
  /** Which of several such buttons: the one with this value. */
  value?: string;
  /** Which of several such buttons: the one in this block. */
  blockId?: string;
  /** Answers the confirmation dialog with its `deny`: nothing is sent. */
  deny?: boolean;
}

export interface ClickTarget extends StatefulElement {
  state: ElementState;
  confirm?: ConfirmDialog;
}

/** The button, or the entry of an overflow menu, with that `action_id` or text. */
export function findClickTarget(blocks: Block[], wanted: string, options: ClickOptions): ClickTarget {
  const targets = allElements(blocks)
    .filter(({ blockId }) => options.blockId === undefined || blockId === options.blockId)
    .filter(({ element }) => options.value === undefined || element.value === options.value)
    .flatMap((target) => clickable(target, wanted));
  const [target] = targets;
  if (target && targets.length === 1) return target;
  const there = allElements(blocks).flatMap(describe).join(', ') || 'none';
  const problem = target ? 'More than one button is' : 'No button is';
  throw new Error(`${problem} called ${wanted}. There: ${there}`);
}

function clickable(target: StatefulElement, wanted: string): ClickTarget[] {
  const { element, actionId } = target;
  const confirm = element.confirm ? { confirm: confirmDialog(element.confirm) } : {};
  if (element.type === 'button') {
    const { text } = element.text as { text: string };
    return wanted === actionId || wanted === text
      ? [{ ...target, state: { type: 'button' }, ...confirm }]
      : [];
  }
  if (element.type !== 'overflow') return [];
  const option = offeredOptions(element).find(({ text, value }) => text.text === wanted || value === wanted);
  return option
    ? [
        {
          ...target,
          state: { type: 'overflow', selected_option: option },
          ...confirm,
        },
      ]
    : [];
}

function describe({ actionId, element }: StatefulElement): string[] {
  if (element.type === 'overflow') return offeredOptions(element).map(({ text }) => text.text);
  return element.type === 'button' ? [`${(element.text as { text: string }).text} (${actionId})`] : [];
}

function confirmDialog(confirm: unknown): ConfirmDialog {
  const { title, text, confirm: yes, deny } = confirm as Record<keyof ConfirmDialog, { text: string }>;
  return { title: title.text, text: text.text, confirm: yes.text, deny: deny.text };
}
