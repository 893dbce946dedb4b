import type { RevokeServiceAccountResult } from '../../../application/accounts/revoke-service-account.ts';
import type { InterruptedRuns, WrittenRun } from '../../../application/ports/gateway.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { code, escapeMarkup, link, type Message, plainText, shortened } from '../blocks.ts';
import { pendingCauseText, teamPageText } from '../failures/backend-failure-text.ts';
import { refusalText } from '../failures/refusal-text.ts';
import { KEY_MESSAGE_ACTIONS } from './key-message.ts';
import { endedText, endVerb, keptKeysText, type ServerPage } from './server-account-text.ts';

export const DISMISS_ACTION = 'dismiss';

/** Returns the question that `/wandb service-account revoke NAME` asks first. */
export function revokeMessage(account: ServiceAccount, page: ServerPage): Message {
  const { name, teamName, id } = account;
  return {
    text: page === undefined ? `Revoke ${name} in ${escapeMarkup(teamName)}?` : `Delete ${name} from W&B?`,
    blocks: [
      {
        type: 'section',
        text: { type: 'mrkdwn', text: questionText(account, page) },
      },
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: KEY_MESSAGE_ACTIONS.revoke,
            style: 'danger',
            text: plainText(endVerb(page !== undefined)),
            value: id,
          },
          {
            type: 'button',
            action_id: DISMISS_ACTION,
            text: plainText('Keep'),
          },
        ],
      },
    ],
  };
}

function questionText(account: ServiceAccount, page: ServerPage): string {
  const named = nameOf(account);
  const consequence = consequenceText(account.method, page);
  if (account.state === 'revoking') {
    return `Keysmith is already deleting ${named} from W&B and keeps trying. Try again now? ${consequence}`;
  }
  const question = page === undefined ? `Revoke ${named}?` : `Delete ${named} from W&B?`;
  return `${question} ${consequence} This can’t be undone.`;
}

function consequenceText(method: ServiceAccount['method'], page: ServerPage): string {
  if (method === 'federated') return 'Its workloads will no longer be able to sign in.';
  return page === undefined
    ? 'Its key will stop working immediately.'
    : 'W&B keeps its keys, and they may still work until an admin deletes them there.';
}

/** Returns how a revocation ended. Markup. */
export function revocationText(result: RevokeServiceAccountResult, isOnServer: boolean): string {
  const nothing = `Nothing was ${isOnServer ? 'deleted' : 'revoked'}`;
  switch (result.kind) {
    case 'revoked':
      return revokedText(result.account, { page: result.link, runs: result.runs });
    case 'already_revoked':
      return `${nameOf(result.account)} was already ${endedText(isOnServer)}.`;
    case 'pending':
      return pendingText(result);
    case 'not_found':
      return `${nothing}: none of your teams has this account.`;
    case 'refused':
      return `${nothing}. ${refusalText(result.refusal)}`;
  }
}

function pendingText({
  account,
  cause,
  serverNames,
  link: page,
}: Extract<RevokeServiceAccountResult, { kind: 'pending' }>): string {
  const risk =
    account.method === 'api_key'
      ? 'meanwhile, its keys may still work'
      : 'meanwhile, its workloads may still sign in';
  // Names the account as W&B does, because an account that an admin created may have the plain name.
  const manually =
    page === undefined || serverNames.length === 0
      ? teamPageText(page)
      : ` A team admin can delete ${serverNames.map(code).join(' and ')} in W&B now: ${link(page)}`;
  return `:warning: ${nameOf(account)} isn’t deleted from W&B yet: ${pendingCauseText(cause)} Keysmith keeps trying and will message you when it’s done; ${risk}.${manually}`;
}

/** Returns that an account was revoked or deleted, what that means, and which of its runs it interrupts. Markup. */
export function revokedText(
  account: ServiceAccount,
  { page, runs }: { page: ServerPage; runs?: InterruptedRuns | undefined },
): string {
  const interrupted = runs === undefined ? '' : `\n${interruptedRunsText(runs)}`;
  const done = page === undefined ? `Revoked ${nameOf(account)}.` : `Deleted ${nameOf(account)} from W&B.`;
  return `:no_entry: ${done} ${effectText(account.method, page)}${interrupted}`;
}

function effectText(method: ServiceAccount['method'], page: ServerPage): string {
  if (method === 'federated') return 'Its workloads can no longer sign in.';
  return page === undefined ? 'Its key no longer works.' : keptKeysText(page);
}

function nameOf({ name, teamName }: ServiceAccount): string {
  return `${code(name)} in ${code(teamName)}`;
}

/** The core of the SDK asks every 15 to 30 s, and 0.17 every 15 s. */
const STOPS = 'within a minute';

/** Returns which runs wrote recently, when they stop, and how to get the rest of their data to W&B. Markup. */
export function interruptedRunsText({ shown, total }: InterruptedRuns): string {
  const [only] = shown;
  const rest = `W&B keeps the data it has, and shows ${total === 1 ? 'an interrupted run' : 'interrupted runs'} as running for a few minutes more. To send the rest later, run \`wandb sync --no-skip-online DIR\` where the job ran, with the key of another account (SDK 0.17: \`wandb sync DIR\`).`;
  if (total === 1 && only !== undefined) {
    return `Run ${runName(only)} wrote in the last 10 minutes: if its script still runs, the W&B SDK interrupts it ${STOPS}. ${rest}`;
  }
  const more = total > shown.length ? [`• and ${total - shown.length} more`] : [];
  const lines = [...shown.map((run) => `• ${runName(run)}`), ...more];
  return `${total} runs wrote in the last 10 minutes: the W&B SDK interrupts scripts that still run ${STOPS}.\n${lines.join('\n')}\n${rest}`;
}

const MAX_NAME_LENGTH = 64;

function runName({ entity, project, runId }: WrittenRun): string {
  const projectName = `${shortened(entity, MAX_NAME_LENGTH)}/${shortened(project, MAX_NAME_LENGTH)}`;
  return `${code(shortened(runId, MAX_NAME_LENGTH))} in ${code(projectName)}`;
}
