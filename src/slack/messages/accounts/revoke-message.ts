import type { KnownBlock } from '@slack/types';
import type { CredentialUse } from '../../../application/accounts/revocation/account-store.ts';
import type { RevocationPreview } from '../../../application/accounts/revocation/open-revoke-form.ts';
import type { RevokeServiceAccountResult } from '../../../application/accounts/revoke-service-account.ts';
import type { InterruptedRuns, WrittenRun } from '../../../application/ports/gateway.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { code, link, moment, shortened } from '../blocks.ts';
import { pendingCauseText, teamPageText } from '../failures/backend-failure-text.ts';
import { refusalText } from '../failures/refusal-text.ts';
import { endedText, keptKeysText, type ServerPage } from './server-account-text.ts';

/** *Keep* below the question that earlier versions asked. */
export const DISMISS_ACTION = 'dismiss';

/** Returns what would stop if an account were revoked, with what was used in the last hour first. */
export function revocationPreviewBlocks(preview: RevocationPreview): KnownBlock[] {
  const { account, uses, runs, link: page } = preview;
  const inUse = [
    ...(uses === undefined ? [] : [recentUsesText(account, uses)]),
    ...(runs === undefined ? [] : [writingRunsText(runs)]),
  ];
  return [...inUse, questionText(account, page)].map(section);
}

const MAX_SHOWN_USES = 5;

/** Returns which credentials were used in the last hour, by whom. Markup. */
function recentUsesText(account: ServiceAccount, uses: readonly CredentialUse[]): string {
  if (uses.length === 0) return `${nameOf(account)} wasn’t used in the last hour.`;
  const more = uses.length > MAX_SHOWN_USES ? [`• and ${uses.length - MAX_SHOWN_USES} more keys`] : [];
  const lines = uses.slice(0, MAX_SHOWN_USES).map((use) => `• ${useText(use)}`);
  return [':warning: *Used in the last hour*', ...lines, ...more].join('\n');
}

function useText({ key, ...use }: CredentialUse): string {
  const credential = key === undefined ? 'Its identity' : `Key ${code(key.name)} (${code(key.keyId)})`;
  return `${credential}: ${lastUseText(use)}`;
}

const MAX_USER_AGENT_LENGTH = 100;

/** Returns when and from where a credential was used. Both come from outside. Markup. */
export function lastUseText({
  atMs,
  address,
  userAgent,
}: Pick<CredentialUse, 'atMs' | 'address' | 'userAgent'>): string {
  const from = address === undefined ? '' : ` from ${code(shortened(address, MAX_USER_AGENT_LENGTH))}`;
  const by = userAgent === undefined ? '' : ` with ${code(shortened(userAgent, MAX_USER_AGENT_LENGTH))}`;
  return `${moment(atMs)}${from}${by}`;
}

/** Returns which runs a revocation would interrupt. Markup. */
function writingRunsText({ shown, total }: InterruptedRuns): string {
  const more = total > shown.length ? [`• and ${total - shown.length} more`] : [];
  const lines = shown.map((run) => `• ${runName(run)}`);
  const which = total === 1 ? 'a run' : `${total} runs`;
  return [
    `:warning: It wrote ${which} in the last 10 minutes. If a script still runs, the W&B SDK interrupts it ${STOPS}:`,
    ...lines,
    ...more,
  ].join('\n');
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
    ? 'All its keys will stop working immediately.'
    : 'W&B keeps its keys, and they may still work until an admin deletes them there.';
}

function section(markup: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup } };
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
  return page === undefined ? 'Its keys no longer work.' : keptKeysText(page);
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
