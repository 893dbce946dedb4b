import { ProgressBar } from 'react-aria-components';

export function Spinner({ label }: { label: string }) {
  return <ProgressBar className="spinner" isIndeterminate aria-label={label} />;
}
