import { useMemo, useState } from 'react';
import type {
  ActionRequest,
  ElementState,
  OptionsResponse,
  Outcome,
} from '../../../slack/protocol/page-protocol.ts';
import type { Directory } from '../../session/directory.ts';
import { useSession, useSessionState } from '../../session/session.ts';
import { createFormValues, type FormValues } from './form-values.ts';

/** What the blocks of a message, a modal or a Home tab need from their surroundings. */
export interface Surface {
  directory: Directory;
  /** The values of the elements, kept across renders. */
  values: FormValues;
  /** Sends an action to the app, with the values of all elements. */
  act(blockId: string, actionId: string, element: ElementState): Promise<Outcome>;
  findOptions(blockId: string, actionId: string, query: string): Promise<OptionsResponse>;
  /** Called when the person changes a value in the block. */
  edited?(blockId: string): void;
}

interface SurfaceOptions {
  /** Default: values that live as long as the component. */
  values?: FormValues;
  edited?: (blockId: string) => void;
}

/** Returns the surface for a message, view or Home tab, acting as the person of the session. */
export function useSurface(
  container: ActionRequest['container'],
  { values: kept, edited }: SurfaceOptions = {},
): Surface {
  const session = useSession();
  const { directory } = useSessionState();
  const [own] = useState(createFormValues);
  const values = kept ?? own;
  const place = JSON.stringify(container);
  return useMemo(() => {
    const container: ActionRequest['container'] = JSON.parse(place);
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
