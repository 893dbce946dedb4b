import type { AdminProblem } from '../../domain/accounts/reconciliation.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { code, link } from './blocks.ts';

/**
 * Where an account lives: the team's page on the W&B server, or undefined where accounts live in Keysmith alone. Keysmith revokes its own
 * keys; from a W&B server it can only delete accounts.
 */
export type ServerPage = string | undefined;

/** Returns what happened to an account that ended: "`x` in `t` was …". */
export function endedText(isOnServer: boolean): string {
  return isOnServer ? 'deleted from W&B' : 'revoked';
}

/** Returns the button that ends an account. */
export function endVerb(isOnServer: boolean): string {
  return isOnServer ? 'Delete' : 'Revoke';
}

/** Returns what is left in W&B after the deletion of an account with keys. Two sentences. Markup. */
export function keptKeysText(page: string): string {
  return `W&B keeps the keys of deleted accounts, and they may still work: delete them in W&B (${link(page)}). Keysmith reminds the team’s admins.`;
}

/** Returns that an account was created without a key, and in order what is left to do. Markup. */
export function createdWithoutKeyText(
  { name, teamName }: Pick<ServiceAccount, 'name' | 'teamName'>,
  { serverName, link: page }: { serverName?: string | undefined; link: ServerPage },
): string {
  const there = code(serverName ?? name);
  const place = page === undefined ? `the service accounts of ${code(teamName)} in W&B` : link(page);
  return [
    `:white_check_mark: Created ${code(name)} in ${code(teamName)}, without a key: this W&B server doesn’t return new API keys. In W&B its name is ${there}. To create its key:`,
    `1. Open ${place}`,
    `2. As a team admin, create an API key for ${there}. W&B shows it once.`,
    '3. Store it in your secret manager, and set it as `WANDB_API_KEY` in the job. Never paste it in Slack.',
  ].join('\n');
}

const KEEPS_TRYING = 'Keysmith keeps trying and will message you when it’s done.';

/** Returns why only an admin can go on, and what to do. Markup. */
export function serverProblemText(
  account: ServiceAccount,
  problem: AdminProblem,
  { serverName, link: page }: { serverName?: string; link: ServerPage },
): string {
  const there = code(serverName ?? account.name);
  const team = code(account.teamName);
  const seePage = page === undefined ? '' : `: ${link(page)}`;
  switch (problem) {
    case 'duplicate_tag':
      return `:rotating_light: W&B shows several accounts named ${there} in ${team}, and Keysmith created only one of them, so it changes none. Delete all but one in W&B${seePage}\nKeysmith checks again every hour.`;
    case 'another_account':
      return `:rotating_light: The account named ${there} in ${team} isn’t the one that Keysmith created: it’s a person, or its ID or name was changed. Keysmith doesn’t touch it. Check it in W&B, and delete it there if nobody needs it${seePage}`;
    case 'no_id':
      return `:rotating_light: W&B shows the account ${there} in ${team} without an ID, so Keysmith can neither use nor delete it. Delete it in W&B${seePage}\nKeysmith checks again every hour.`;
    case 'unknown_creation':
      return `:warning: We don’t know whether ${code(account.name)} in ${team} was created: the W&B server never confirmed it. If W&B shows an account named ${there} that your team doesn’t recognize, delete it there${seePage}\nThen run \`/wandb service-account new\` to create another one.`;
    case 'stalled':
      return `${stalledText(account, there)}${seePage}`;
  }
}

function stalledText(account: ServiceAccount, there: string): string {
  const { state, method, teamName } = account;
  const name = `${code(account.name)} in ${code(teamName)}`;
  const risk =
    method === 'api_key' ? 'its keys may still work' : 'its workloads may still be able to sign in';
  switch (state) {
    case 'provisioning':
      return `:warning: We don’t know yet whether ${name} was created: the W&B server hasn’t confirmed it for more than an hour. ${KEEPS_TRYING} You don’t need to do anything; to stop it, delete ${there} in W&B`;
    case 'revoking':
      return `:rotating_light: ${name} still isn’t deleted from W&B after more than an hour of attempts, and ${risk}. ${KEEPS_TRYING} To be safe, delete ${there} in W&B now`;
    default:
      return `:rotating_light: An attempt to create ${name} failed, and W&B may still have its account ${there}, which Keysmith hasn’t been able to delete for more than an hour: ${risk}. Keysmith keeps trying. To be safe, delete ${there} in W&B now`;
  }
}
