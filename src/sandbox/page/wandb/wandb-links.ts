import { createContext, useContext } from 'react';
import { type WandbPlace, writeWandbPath } from './wandb-address.ts';

/** Returns the address of a place in the W&B tab. */
export type LinkTo = (place: WandbPlace) => string;

export const WandbLinks = createContext<(path: string) => string>((path) => `#wandb=${path}`);

export function useLinkTo(): LinkTo {
  const address = useContext(WandbLinks);
  return (place) => address(writeWandbPath(place));
}
