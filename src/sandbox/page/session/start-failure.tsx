import { Button } from 'react-aria-components';

export function StartFailure({ reason, onRetry }: { reason: string; onRetry: () => void }) {
  return (
    <main className="failure">
      <p role="alert">The sandbox did not answer: {reason}</p>
      <Button className="button" onPress={onRetry}>
        Try again
      </Button>
    </main>
  );
}
