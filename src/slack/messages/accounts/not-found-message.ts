import type { AccountReference, NotFound } from '../../../application/accounts/details/find-named-account.ts';
import { code, type Message, namesText, notice } from '../blocks.ts';
import { accountNotFoundMessage } from '../command-text.ts';
import { refusalMessage } from '../failures/refusal-text.ts';

/** Returns why a command or a button found no account. `verb`: of the command for the same. */
export function notFoundMessage(
  found: NotFound,
  { verb, reference, requestId }: { verb: string; reference: AccountReference; requestId: string },
): Message {
  const { name, teamName } = 'accountId' in reference ? { name: '', teamName: undefined } : reference;
  switch (found.kind) {
    case 'ambiguous': {
      const teams = namesText(found.teamNames.map(code));
      return notice(
        `Several of your teams have an account named ${code(name)}: ${teams}. Name the team: ${code(`/wandb service-account ${verb} ${name} --team NAME`)}`,
        requestId,
      );
    }
    case 'name_unknown':
      return accountNotFoundMessage(verb, { name, teamName, nearest: found.nearest });
    case 'not_found':
      return notice(
        verb === 'show'
          ? 'None of your teams has this account.'
          : 'Nothing was changed: none of your teams has this account.',
        requestId,
      );
    case 'refused':
      return refusalMessage(found.refusal, requestId, teamName);
  }
}
