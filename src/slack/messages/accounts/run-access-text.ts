import type { RunAccess } from '../../../application/ports/gateway.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { code, shellWord } from '../blocks.ts';

/** Returns that a team's runs can't be logged through the gateway, and whom to ask. Undefined where they can. Markup. */
export function runsNotLoggedText(runAccess: RunAccess | undefined, teamName: string): string | undefined {
  const runs = `Runs of ${code(teamName)} can’t be logged`;
  switch (runAccess) {
    case 'no_credential': {
      const command = code(`npm run keysmith -- upstream add ${shellWord(teamName)}`);
      return `:warning: ${runs} yet: Keysmith has no W&B API key for this team. Ask an organization admin, or your Keysmith administrator, to add one with ${command}.`;
    }
    case 'credential_rejected':
      return `:warning: ${runs} at the moment: the W&B credential that Keysmith uses for this team doesn’t work. The organization admins have been notified. Ask one of them, or your Keysmith administrator.`;
    default:
      return undefined;
  }
}

/** Returns what an account's credential is for where Keysmith has no W&B server behind it. Markup. */
export function otherUseText(
  runAccess: Extract<RunAccess, 'no_upstream' | 'not_verified'>,
  { method }: Pick<ServiceAccount, 'method'>,
  publicUrl: string,
): string {
  const noRuns = `It can’t log W&B runs: no W&B server is connected to this Keysmith. If you need that, ask your Keysmith administrator.`;
  if (runAccess === 'not_verified') {
    return `This Keysmith doesn’t check credentials (${code('KEYSMITH_AUTHORITY=off')}), so ask your Keysmith administrator where this account is used. ${noRuns}`;
  }
  const check = `for example at ${code(`${publicUrl}/forward-auth`)}`;
  return method === 'api_key'
    ? `Your own services check its keys with Keysmith, ${check}. ${noRuns}`
    : `Its workloads exchange that JWT for an access token at ${code(`${publicUrl}/oidc/token`)}, and your own services check the token with Keysmith, ${check}. ${noRuns}`;
}
