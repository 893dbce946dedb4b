import type { Confirm } from '@slack/types';
import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { ElementState } from '../../../slack/protocol/page-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { ConfirmationContext } from './confirmation.tsx';
import type { Place } from './field.tsx';

/** Shows a failure below the surrounding block; `undefined` removes it. */
export const BlockFailureContext = createContext<(text: string | undefined) => void>(() => {});

export interface ElementInUse {
  /** The element's value; undefined for buttons and menus, which have none. */
  state: ElementState | undefined;
  /** Whether the app is still handling an action of the element. */
  isBusy: boolean;
  /**
   * Stores a new value and, if the element dispatches, sends it to the app. Asks for confirmation first where the
   * element requires it.
   */
  change(state: ElementState): Promise<void>;
  /** Stores a new value without sending it to the app. */
  keep(state: ElementState): void;
  /**
   * Sends an action to the app, after the confirmation that the element may require. `agreed` runs before it is
   * sent; a failure is shown below the block.
   */
  report(state: ElementState, agreed?: () => void): Promise<void>;
}

export function useElement(place: Place, confirm?: Confirm): ElementInUse {
  const { surface, blockId, actionId } = place;
  const { values } = surface;
  const state = useSyncExternalStore(values.subscribe, () => values.get(blockId, actionId));
  const askToConfirm = useContext(ConfirmationContext);
  const showFailure = useContext(BlockFailureContext);
  const [underWay, setUnderWay] = useState(0);

  const send = async (next: ElementState): Promise<void> => {
    showFailure(undefined);
    setUnderWay((count) => count + 1);
    const outcome = await surface.act(blockId, actionId, next);
    setUnderWay((count) => count - 1);
    if (outcome.ok) return;
    showFailure('message' in outcome ? outcome.message : 'The app responded with errors.');
  };
  const keep = (next: ElementState): void => {
    values.set(blockId, actionId, next);
    surface.edited?.(blockId);
  };
  return {
    state,
    isBusy: underWay > 0,
    keep,
    change: async (next) => {
      if (place.dispatches && confirm && !(await askToConfirm(confirm))) return;
      keep(next);
      if (place.dispatches) await send(next);
    },
    report: async (next, agreed) => {
      if (confirm && !(await askToConfirm(confirm))) return;
      agreed?.();
      await send(next);
    },
  };
}

export function BlockFailure({ text }: { text: string }) {
  const shown = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    shown.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <p className="block-failure" role="alert" ref={shown}>
      <Icon name="warning" />
      <span>{text}</span>
    </p>
  );
}
