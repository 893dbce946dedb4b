import { authorize } from '../../application/accounts/authorize.ts';
import { settledWithin } from '../../net/deadline.ts';
import type { ListenerContext } from './listener-context.ts';

export type UnknownInteraction =
  | 'metadata_invalid'
  | 'state_missing'
  | 'field_unknown'
  | 'action_unknown'
  | 'callback_unknown'
  | 'command_unknown';

interface RefusedInteraction {
  slackUserId: string;
  reason: UnknownInteraction;
  requestId: string;
  /** The command, `action_id` or `callback_id` as it came in. */
  id?: string;
}

/**
 * Refuses and records a signed request for something that Keysmith never offered.
 *
 * @returns the text for the person, in time for Slack's deadline even while the record can't be written
 */
export async function refuseInteraction(
  context: ListenerContext,
  refused: RefusedInteraction,
): Promise<string> {
  const recording = context.work.track(record(context, refused));
  const early = await settledWithin(recording, context.timing.respondWithinMs);
  if (early === undefined) {
    recording.catch((error: unknown) =>
      context.ports.logger.error({ err: error }, 'interaction refusal not recorded'),
    );
  }
  return unknownInteractionText(refused.reason);
}

async function record({ ports }: ListenerContext, refused: RefusedInteraction): Promise<void> {
  const { slackUserId, reason, requestId, id } = refused;
  const attempt = {
    slackUserId,
    action: 'interaction.refused',
    ...(id !== undefined && { details: { id: id.slice(0, 255) } }),
    requestId,
  } as const;
  await authorize(ports, attempt, async () => ({ ok: false, refusal: { reason } }));
}

function unknownInteractionText(reason: UnknownInteraction): string {
  switch (reason) {
    case 'metadata_invalid':
    case 'state_missing':
    case 'field_unknown':
      return 'Nothing was changed: Keysmith didn’t open this form for you, or an earlier version did. Run `/wandb service-account new` for a new form.';
    case 'action_unknown':
      return 'Nothing was changed: Keysmith doesn’t recognize this button, which may come from an earlier version. Run `/wandb help` to see the commands.';
    case 'callback_unknown':
      return 'Nothing was changed: Keysmith doesn’t recognize this form or shortcut, which may come from an earlier version. Run `/wandb help` to see the commands.';
    case 'command_unknown':
      return 'Nothing was changed: Keysmith doesn’t recognize this command. Run `/wandb help` to see the commands.';
  }
}
