import type { RevokeServiceAccountResult } from '../../application/accounts/revoke-service-account.ts';
import type { InterruptedRuns, WrittenRun } from '../../application/ports/gateway.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { backendFailureText, manualStepsText, outcomeCauseText } from './backend-failure-text.ts';
import { code, escapeMarkup, type Message, plainText, shortened } from './blocks.ts';
import { KEY_MESSAGE_ACTIONS } from './key-message.ts';
import { refusalText } from './refusal-text.ts';

export const DISMISS_ACTION = 'dismiss';

/** Returns the question that `/wandb service-account revoke NAME` asks first. */
export function revokeMessage(account: ServiceAccount): Message {
  const consequence =
    account.method === 'api_key'
      ? 'Its key will stop working immediately.'
      : 'Its workloads will no longer be able to sign in.';
  const markup = `Revoke ${code(account.name)} in ${code(account.teamName)}? ${consequence} This can’t be undone.`;
  return {
    text: `Revoke ${account.name} in ${escapeMarkup(account.teamName)}?`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: markup } },
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: KEY_MESSAGE_ACTIONS.revoke,
            style: 'danger',
            text: plainText('Revoke'),
            value: account.id,
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

/** Returns how a revocation ended. Markup. */
export function revocationText(result: RevokeServiceAccountResult): string {
  switch (result.kind) {
    case 'revoked':
      return revokedText(result.account, result.runs);
    case 'already_revoked':
      return `${code(result.account.name)} in ${code(result.account.teamName)} was already revoked.`;
    case 'not_revoked': {
      const { account, failure, link: teamPage } = result;
      return `${code(account.name)} in ${code(account.teamName)} wasn’t revoked: ${backendFailureText(failure, teamPage)}`;
    }
    case 'outcome_unknown': {
      const { account, cause, link: teamPage } = result;
      return `We don’t know yet whether ${code(account.name)} in ${code(account.teamName)} was revoked: ${outcomeCauseText(cause)} Treat it as active until Keysmith confirms in a direct message.${manualStepsText(teamPage)}`;
    }
    case 'not_found':
      return 'Nothing was revoked: none of your teams has this account.';
    case 'refused':
      return `Nothing was revoked. ${refusalText(result.refusal)}`;
  }
}

/** Returns that an account was revoked, and which of its runs that interrupts. Markup. */
export function revokedText(
  { name, teamName, method }: ServiceAccount,
  runs: InterruptedRuns | undefined,
): string {
  const consequence =
    method === 'api_key' ? 'Its key no longer works.' : 'Its workloads can no longer sign in.';
  const interrupted = runs === undefined ? '' : `\n${interruptedRunsText(runs)}`;
  return `:no_entry: Revoked ${code(name)} in ${code(teamName)}. ${consequence}${interrupted}`;
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
