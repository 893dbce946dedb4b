import { createContext, useEffect, useRef } from 'react';
import { Icon } from '../../look/icons.tsx';

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
