import type { ElementState, OptionsFound, Outcome } from '../../../slack/protocol/page-protocol.ts';
import type { Directory } from '../../session/directory.ts';
import type { FormValues } from './form-values.ts';

/** Where blocks stand (a message, a dialog's view, a Home tab), and what can be done from there. */
export interface Surface {
  directory: Directory;
  /** What the elements hold; it outlives redrawing. */
  values: FormValues;
  /** Tells the app that an element was used, together with what all elements hold. */
  act(blockId: string, actionId: string, element: ElementState): Promise<Outcome>;
  /** Asks the app for the options of an external select. */
  findOptions(blockId: string, actionId: string, query: string): Promise<OptionsFound>;
  /** The person changed what an element of that block holds. */
  edited?(blockId: string): void;
}
