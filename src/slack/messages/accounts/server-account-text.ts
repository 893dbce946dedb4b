import type { AdminProblem } from '../../../domain/accounts/reconciliation.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { code, link } from '../blocks.ts';

/**
 * Where an account lives: the team's page on the W&B server, or undefined where accounts live in Keysmith alone. Keysmith revokes its own
 * keys; from a W&B server it can only delete accounts.
 */
export type ServerPage = string | undefined;

/** Returns how an account ended, for "`x` in `t` was …". */
export function endedText(isOnServer: boolean): string {
  return isOnServer ? 'deleted from W&B' : 'revoked';
}

export const MISSING_TEXT = ':warning: No longer in W&B: someone deleted it there.';

/** Returns the label of the button that ends an account. */
export function endVerb(isOnServer: boolean): string {
  return isOnServer ? 'Delete' : 'Revoke';
}

/** Returns what is left in W&B after the deletion of an account with keys. Two sentences. Markup. */
export function keptKeysText(page: string): string {
  return `W&B keeps the keys of deleted accounts, and they may still work: delete them in W&B (${link(page)}). Keysmith reminds the team’s admins.`;
}

/** Returns that an account was created without a key, and the remaining steps in order. Markup. */
export function createdWithoutKeyText(
  { name, teamName }: Pick<ServiceAccount, 'name' | 'teamName'>,
  { serverName = name, link: page }: { serverName?: string | undefined; link: ServerPage },
): string {
  const there = code(serverName);
  const place = page === undefined ? `the service accounts of ${code(teamName)} in W&B` : link(page);
  return [
    `:white_check_mark: Created ${code(name)} in ${code(teamName)}, without a key: this W&B server doesn’t return new API keys. In W&B its name is ${there}. To create its key:`,
    `1. Open ${place}`,
    `2. As a team admin, create an API key for ${there}. W&B shows it once.`,
    '3. Store it in your secret manager, and set it as `WANDB_API_KEY` in the job. Never paste it in Slack.',
  ].join('\n');
}

const CHECKS_AGAIN = 'Keysmith checks again every hour.';

/** Returns why an admin has to act, and what to do. Markup. */
export function serverProblemText(
  account: ServiceAccount,
  problem: AdminProblem,
  { serverName, link: page }: { serverName: string; link: ServerPage },
): string {
  const there = `${code(serverName)} in ${code(account.teamName)}`;
  const onPage = page === undefined ? '.' : `: ${link(page)}`;
  switch (problem) {
    case 'duplicate_tag': {
      const which = account.state === 'provisioning' ? 'all but one of them' : 'all of them';
      return `:rotating_light: W&B shows several accounts named ${there}, so Keysmith can’t tell which one it created and changes none. ${CHECKS_AGAIN} Delete ${which} in W&B${onPage}`;
    }
    case 'another_account': {
      const name = nameOf(account);
      const outcome =
        account.state === 'revoking'
          ? `${name} *isn’t* deleted`
          : `Keysmith can’t use or delete an account of ${name}`;
      return `:rotating_light: ${outcome}: ${code(serverName)} was renamed in W&B, or its name or ID belongs to a person or another account. ${CHECKS_AGAIN} Give it this name again, or delete it in W&B if nobody needs it${onPage}`;
    }
    case 'no_id':
      return `:rotating_light: W&B shows the account ${there} without an ID, so Keysmith can’t use or delete it. ${CHECKS_AGAIN} Delete it in W&B${onPage}`;
    case 'unknown_creation':
      return `:warning: We don’t know whether ${nameOf(account)} was created: the W&B server never confirmed it, and Keysmith has stopped checking. To create another account, run \`/wandb service-account new\`. If W&B shows an account named ${code(serverName)} that your team doesn’t recognize, delete it there${onPage}`;
    case 'stalled':
      return stalledText(account, code(serverName), onPage);
  }
}

const KEEPS_TRYING = 'Keysmith keeps trying and will message you when it’s done.';

function stalledText(account: ServiceAccount, there: string, onPage: string): string {
  const name = nameOf(account);
  const risk =
    account.method === 'api_key' ? 'its keys may still work' : 'its workloads may still be able to sign in';
  switch (account.state) {
    case 'provisioning':
      return `:warning: We don’t know yet whether ${name} was created: after more than an hour, the W&B server still hasn’t confirmed it. ${KEEPS_TRYING} In W&B its name would be ${there}${onPage}`;
    case 'revoking':
      return `:rotating_light: ${name} *isn’t* deleted from W&B after more than an hour of attempts, and ${risk}. ${KEEPS_TRYING} To be safe, delete ${there} in W&B now${onPage}`;
    default:
      return `:rotating_light: Keysmith hasn’t been able to delete ${there} from W&B for more than an hour. An earlier attempt to create ${name} left it there, and ${risk}. Keysmith keeps trying. To be safe, delete it in W&B now${onPage}`;
  }
}

function nameOf({ name, teamName }: ServiceAccount): string {
  return `${code(name)} in ${code(teamName)}`;
}
