import { type ReactNode, useId } from 'react';

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
