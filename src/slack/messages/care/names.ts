import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { code } from '../blocks.ts';

/** Returns an account's name and team. Markup. */
export function accountName({ name, teamName }: Pick<ServiceAccount, 'name' | 'teamName'>): string {
  return `${code(name)} in ${code(teamName)}`;
}
