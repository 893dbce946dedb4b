import { type ReactNode, useId } from 'react';

/**
 * A button that can be found and read while it can't be used: it says why. A disabled one would also drop the focus
 * when its own press disables it.
 */
export function PressButton({
  children,
  onPress,
  unavailable,
  kind = 'plain',
}: {
  children: ReactNode;
  onPress: () => void;
  /** Why it can't be used now. */
  unavailable?: string | undefined;
  kind?: 'plain' | 'danger';
}) {
  const reasonId = useId();
  const isUnavailable = unavailable !== undefined;
  return (
    <>
      <button
        type="button"
        className={`panel-button panel-button-${kind}`}
        aria-disabled={isUnavailable}
        aria-describedby={isUnavailable ? reasonId : undefined}
        onClick={isUnavailable ? undefined : onPress}
      >
        {children}
      </button>
      {isUnavailable && (
        <span id={reasonId} className="panel-quiet panel-reason">
          {unavailable}
        </span>
      )}
    </>
  );
}
