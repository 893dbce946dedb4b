import type { AdminProblem } from '../../domain/accounts/reconciliation.ts';
import type { ProblemAccounts } from '../../store/database/inspect-database.ts';
import { type Finding, plainText } from './finding.ts';

const PROBLEMS: Record<AdminProblem, string> = {
  duplicate_tag: 'several accounts have this name',
  another_account: 'renamed, or its name or ID belongs to a person or another account',
  no_id: 'shown without an ID',
  unknown_creation: 'its creation was never confirmed',
  stalled: 'not created or deleted for more than an hour',
};

/** Reports the accounts on the W&B server that Keysmith can't create or delete by itself. */
export function serverAccountsFindings({ count, oldest }: ProblemAccounts): Finding[] {
  if (count === 0) return [];
  const named = oldest.map(
    ({ name, team, problem }) => `${plainText(name)} in ${plainText(team)} (${PROBLEMS[problem]})`,
  );
  const more = count > oldest.length ? [`and ${count - oldest.length} more`] : [];
  return [
    {
      mark: 'warning',
      subject: 'W&B, accounts',
      text: `${count === 1 ? '1 account needs' : `${count} accounts need`} an admin in W&B: ${[...named, ...more].join(', ')}`,
      remedy:
        'Each requester got a direct message that says what to do, such as to delete or rename an account in W&B. Keysmith checks at least every hour. "npm run keysmith -- jobs --kind server_account" lists these checks.',
    },
  ];
}
