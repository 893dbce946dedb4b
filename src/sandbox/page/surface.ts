import type { Confirm } from '@slack/types';
import type { ElementState, OptionsFound, Outcome } from '../page-protocol.ts';
import { askToConfirm } from './confirm-dialog.ts';
import type { Directory } from './directory.ts';
import { make } from './dom.ts';
import type { FormValues } from './form-values.ts';
import { icon } from './icons.ts';

/** Where blocks stand: a message or a view, and what can be done from there. */
export interface Surface {
  directory: Directory;
  values: FormValues;
  /** Tells the app that an element was used. */
  act(blockId: string, actionId: string, element: ElementState): Promise<Outcome>;
  findOptions(blockId: string, actionId: string, query: string): Promise<OptionsFound>;
  /** The person changed what an element holds. */
  edited?(blockId: string): void;
}

/** An element's place on a surface. */
export interface Place {
  surface: Surface;
  blockId: string;
  actionId: string;
  /** Accessible name where no visible label belongs to the control. */
  name: string;
  /** Set for an input block's element, whose `label` element and hint stand beside it. */
  field?: {
    controlId: string;
    labelId: string;
    describedBy: string | undefined;
    required: boolean;
  };
  /** Whether a change is told to the app at once. */
  dispatches: boolean;
}

/** The attributes that every control carries. */
export function controlAttributes({ actionId, field, name }: Place): Record<string, string> {
  if (!field) return { 'data-action-id': actionId, 'aria-label': name };
  return {
    id: field.controlId,
    'data-action-id': actionId,
    ...(field.describedBy ? { 'aria-describedby': field.describedBy } : {}),
    ...(field.required ? { 'aria-required': 'true' } : {}),
  };
}

/** A group of controls can't be the target of a `label`'s `for`; it names its label instead. */
export function groupAttributes(place: Place): Record<string, string> {
  return {
    ...controlAttributes(place),
    ...(place.field ? { 'aria-labelledby': place.field.labelId } : {}),
  };
}

/**
 * Takes a new value: keeps it and, where the element dispatches, tells the app, after the confirmation that the element
 * may ask for. False when the person took it back.
 */
export async function change(
  place: Place,
  state: ElementState,
  control: HTMLElement,
  confirm?: Confirm,
): Promise<boolean> {
  const { surface, blockId, actionId } = place;
  if (place.dispatches && confirm && !(await askToConfirm(confirm, surface.directory))) return false;
  surface.values.set(blockId, actionId, state);
  surface.edited?.(blockId);
  if (place.dispatches) await report(place, state, control);
  return true;
}

/** Tells the app, with the control marked as busy meanwhile; what goes wrong is shown below the block. */
export async function report(place: Place, state: ElementState, control: HTMLElement): Promise<void> {
  const block = control.closest('.block');
  block?.querySelector('.block-failure')?.remove();
  control.setAttribute('aria-busy', 'true');
  const outcome = await place.surface.act(place.blockId, place.actionId, state);
  control.removeAttribute('aria-busy');
  if (outcome.ok) return;
  const text = 'message' in outcome ? outcome.message : 'The app answered with errors.';
  const failure = make('p', { class: 'block-failure', role: 'alert' }, icon('warning'), text);
  block?.append(failure);
  failure.scrollIntoView({ block: 'nearest' });
}
