import type { InputBlock } from '@slack/types';
import type { Block, OptionsFound, Outcome, ShownView } from '../page-protocol.ts';
import { showBlocks } from './block-view.ts';
import type { Directory } from './directory.ts';
import { make } from './dom.ts';
import { isEmpty } from './element.ts';
import { createFormValues } from './form-values.ts';
import { showFieldError } from './input-block.ts';
import type { Surface } from './surface.ts';

const REQUIRED = 'Please complete this required field.';

type Errors = Record<string, string>;

/** The blocks of one view with what is typed into them; it lives as long as the view is on the stack. */
export interface ViewForm {
  body: HTMLElement;
  values: Surface['values'];
  show(view: ShownView): void;
  /** Required fields that are empty. What else a client of Slack's checks, the server does. */
  problems(): Errors;
  /** Shows errors at their fields and puts the focus on the first; returns those that belong to no field. */
  showErrors(errors: Errors): string[];
}

export function createViewForm(
  directory: Directory,
  app: {
    act: (used: {
      block_id: string;
      action_id: string;
      element: { type: string };
      state: ReturnType<Surface['values']['collect']>;
    }) => Promise<Outcome>;
    findOptions: (wanted: { block_id: string; action_id: string; query: string }) => Promise<OptionsFound>;
  },
): ViewForm {
  const body = make('div', { class: 'dialog-body' });
  const values = createFormValues();
  let blocks: Block[] = [];
  const surface: Surface = {
    directory,
    values,
    act: (block_id, action_id, element) => app.act({ block_id, action_id, element, state: values.collect() }),
    findOptions: (block_id, action_id, query) => app.findOptions({ block_id, action_id, query }),
    edited: (blockId) => {
      const block = blockOf(body, blockId);
      if (block) showFieldError(block, undefined);
    },
  };
  return {
    body,
    values,
    show: (view) => {
      blocks = view.blocks;
      keepFocus(body, () => showBlocks(body, blocks, surface));
    },
    problems: () => findProblems(blocks, values),
    showErrors: (errors) => showErrors(body, blocks, errors),
  };
}

function findProblems(blocks: Block[], values: Surface['values']): Errors {
  const problems: Errors = {};
  for (const block of blocks) {
    if (block.type !== 'input') continue;
    const { element, optional } = block as InputBlock & Block;
    const actionId = 'action_id' in element ? (element.action_id ?? '') : '';
    const state = values.get(block.block_id, actionId);
    if (state !== undefined && isEmpty(state) && optional !== true) problems[block.block_id] = REQUIRED;
  }
  return problems;
}

function showErrors(body: HTMLElement, blocks: Block[], errors: Errors): string[] {
  const fields = blocks.filter((block) => block.type === 'input').map((block) => block.block_id);
  for (const blockId of fields) {
    const block = blockOf(body, blockId);
    if (block) showFieldError(block, errors[blockId]);
  }
  const first = fields.find((blockId) => errors[blockId] !== undefined);
  if (first !== undefined) controlOf(blockOf(body, first))?.focus();
  return Object.entries(errors)
    .filter(([blockId]) => !fields.includes(blockId))
    .map(([, text]) => text);
}

/** Redraws without taking the focus out of a field that is drawn again. */
function keepFocus(body: HTMLElement, redraw: () => void): void {
  const focused = document.activeElement;
  const blockId = body.contains(focused)
    ? focused?.closest<HTMLElement>('.block')?.dataset.blockId
    : undefined;
  redraw();
  if (blockId === undefined || focused?.isConnected) return;
  controlOf(blockOf(body, blockId))?.focus();
}

function blockOf(body: HTMLElement, blockId: string): HTMLElement | undefined {
  return [...body.querySelectorAll<HTMLElement>('.block')].find((block) => block.dataset.blockId === blockId);
}

/** A group's focus is on the chosen one of its controls, or the first. */
export function controlOf(block: Element | undefined): HTMLElement | undefined {
  const control = block?.querySelector<HTMLElement>('[data-action-id]');
  const chosen =
    control?.querySelector<HTMLElement>('input:checked') ?? control?.querySelector<HTMLElement>('input');
  return chosen ?? control ?? undefined;
}
