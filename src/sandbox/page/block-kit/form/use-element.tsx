import type { Confirm } from '@slack/types';
import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { ElementState } from '../../../slack/protocol/page-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { ConfirmationContext } from './confirmation.tsx';
import type { Place } from './field.tsx';

export interface ElementInUse {
  /** What the element holds; undefined for those that hold nothing. */
  state: ElementState | undefined;
  /** The app is being told. */
  isBusy: boolean;
  /**
   * Takes a new value: keeps it and, where the element dispatches, tells the app, after the confirmation that the
   * element may ask for.
   */
  change(state: ElementState): Promise<void>;
  /** Keeps a new value, and tells nobody yet. */
  keep(state: ElementState): void;
  /** Tells the app, once the person has agreed to it; what goes wrong is shown below the block. */
  report(state: ElementState, agreed?: () => void): Promise<void>;
}

export function useElement(place: Place, confirm?: Confirm): ElementInUse {
  const { surface, blockId, actionId } = place;
  const { values } = surface;
  const state = useSyncExternalStore(values.subscribe, () => values.get(blockId, actionId));
  const askToConfirm = useContext(ConfirmationContext);
  const showFailure = useContext(BlockFailureContext);
  const [underWay, setUnderWay] = useState(0);

  const tell = async (next: ElementState): Promise<void> => {
    showFailure(undefined);
    setUnderWay((count) => count + 1);
    const outcome = await surface.act(blockId, actionId, next);
    setUnderWay((count) => count - 1);
    if (outcome.ok) return;
    showFailure('message' in outcome ? outcome.message : 'The app answered with errors.');
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
      if (place.dispatches) await tell(next);
    },
    report: async (next, agreed) => {
      if (confirm && !(await askToConfirm(confirm))) return;
      agreed?.();
      await tell(next);
    },
  };
}

/** Shows, below the block around it, what went wrong with an element; `undefined` takes it away. */
export const BlockFailureContext = createContext<(text: string | undefined) => void>(() => {});

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
