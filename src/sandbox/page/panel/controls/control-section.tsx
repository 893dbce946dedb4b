import { type ReactNode, useId } from 'react';
import type { Controls } from '../../../slack/protocol/panel-protocol.ts';
import type { Outcomes } from '../feed/use-outcome.ts';

export function ControlSection({
  title,
  purpose,
  children,
}: {
  title: string;
  /** What it is good for, in one line. */
  purpose: ReactNode;
  children: ReactNode;
}) {
  const titleId = useId();
  return (
    <section className="control-section" aria-labelledby={titleId}>
      <h3 id={titleId}>{title}</h3>
      <p className="panel-quiet">{purpose}</p>
      {children}
    </section>
  );
}

export interface ControlProps extends Pick<Outcomes, 'act'> {
  controls: Controls;
}
