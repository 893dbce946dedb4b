import { useMemo, useState } from 'react';
import type {
  ElementState,
  ElementUsed,
  OptionsFound,
  Outcome,
} from '../../../slack/protocol/page-protocol.ts';
import type { Directory } from '../../session/directory.ts';
import { useSession, useSessionState } from '../../session/use-session.ts';
import { createFormValues, type FormValues } from './form-values.ts';

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

interface SurfaceOptions {
  /** Default: values that live as long as the component. */
  values?: FormValues;
  edited?: (blockId: string) => void;
}

/** What blocks in that place can do, in the name of the person who looks. */
export function useSurface(
  container: ElementUsed['container'],
  { values: kept, edited }: SurfaceOptions = {},
): Surface {
  const session = useSession();
  const { directory } = useSessionState();
  const [own] = useState(createFormValues);
  const values = kept ?? own;
  const place = JSON.stringify(container);
  return useMemo(() => {
    const container: ElementUsed['container'] = JSON.parse(place);
    return {
      directory,
      values,
      act: (block_id, action_id, element) =>
        session.act({ container, block_id, action_id, element, state: values.collect() }),
      findOptions: (block_id, action_id, query) =>
        session.findOptions({ container, block_id, action_id, query }),
      ...(edited ? { edited } : {}),
    };
  }, [place, directory, values, session, edited]);
}
