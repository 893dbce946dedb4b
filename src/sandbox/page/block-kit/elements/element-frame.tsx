import type { ReactNode } from 'react';
import type { Place } from '../form/place.ts';

interface ElementFrameProps {
  place: Place;
  isBusy: boolean;
  children: ReactNode;
}

/** Marks where an element stands, and whether the app is being told of it. */
export function ElementFrame({ place, isBusy, children }: ElementFrameProps) {
  return (
    <div className="element" data-action-id={place.actionId} aria-busy={isBusy || undefined}>
      {children}
    </div>
  );
}
