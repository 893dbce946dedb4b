import { useMemo, useState } from 'react';
import type { ElementUsed } from '../../slack/protocol/page-protocol.ts';
import { createFormValues, type FormValues } from '../block-kit/form/form-values.ts';
import type { Surface } from '../block-kit/form/surface.ts';
import { useSession, useSessionState } from './use-session.ts';

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
