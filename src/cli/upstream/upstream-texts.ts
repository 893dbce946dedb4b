import type { WandbFailure } from '../../backends/wandb/client/wandb-failure.ts';
import { plainText } from '../doctor/finding.ts';
import { wandbFailureFinding } from '../doctor/wandb-failure-finding.ts';

const MAX_LISTED = 5;

/** Returns the first names of a list from a server, and how many more it has. */
export function listText(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).map(plainText).join(', ');
  const more = names.length - MAX_LISTED;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** Returns why the W&B server couldn't be asked, and what to do. */
export function unknownText(failure: WandbFailure, command: string): string {
  const names = { url: 'KEYSMITH_UPSTREAM_URL', key: 'the key', command };
  const { text, remedy = '' } = wandbFailureFinding(failure, names);
  return `the W&B server couldn’t be asked about the key: ${text}. ${remedy}`;
}
