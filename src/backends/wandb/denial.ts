import type { WandbFailure } from './wandb-failure.ts';

const DENIAL =
  /permission|not allowed|not permitted|forbidden|unauthori[sz]ed|not authori[sz]ed|access denied|must be (?:an )?admin|admins? only/i;

/** Does the server say that the key may not do this? Most say it in GraphQL errors, in words of their own. */
export function isDenial(failure: WandbFailure): boolean {
  if (failure.reason === 'forbidden') return true;
  return failure.reason === 'errors' && failure.messages.some((message) => DENIAL.test(message));
}
