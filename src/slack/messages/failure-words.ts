import { BackendUnavailableError } from '../../application/ports/backend-failure.ts';
import { DirectoryUnavailableError } from '../../application/ports/slack.ts';
import { type StoreFault, StoreUnavailableError } from '../../application/ports/store.ts';
import { backendFailureWords } from './backend-failure-words.ts';

/**
 * What a person is told when something broke: what happened, what became of it, what to do. Markup, never an error's own text.
 *
 * @param teamPage where an admin of the team goes on by hand; undefined where the team or its page is not known
 */
export function failureWords(error: unknown, teamPage?: string): string {
  if (error instanceof DirectoryUnavailableError) {
    return 'That failed: Slack did not say who you are. Nothing was changed. Try again in a minute.';
  }
  if (error instanceof BackendUnavailableError) {
    return `That failed: ${backendFailureWords(error.failure, { effect: 'Nothing was changed.', teamPage })}`;
  }
  if (error instanceof StoreUnavailableError) {
    return `That failed: ${storeWords(error.fault)} Nothing was changed. Tell whoever runs Keysmith, with the reference below.`;
  }
  return 'That failed for a reason that Keysmith did not expect. Nothing is confirmed: look at `/wandb service-account list`, then try again, and tell whoever runs Keysmith, with the reference below.';
}

function storeWords(fault: StoreFault): string {
  switch (fault) {
    case 'read_only':
      return 'Keysmith’s database can’t be written to.';
    case 'full':
      return 'the disk of Keysmith’s database is full.';
    case 'locked':
      return 'Keysmith’s database is held by another program.';
    case 'damaged':
      return 'Keysmith’s database is damaged.';
    case 'unreadable':
      return 'Keysmith’s database can’t be read.';
  }
}
