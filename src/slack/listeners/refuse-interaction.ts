import { authorize } from '../../application/accounts/authorize.ts';
import { settledWithin } from '../../net/deadline.ts';
import type { SlackEdge } from './edge.ts';

export type ForeignInteraction =
  | 'metadata_invalid'
  | 'state_missing'
  | 'field_unknown'
  | 'action_unknown'
  | 'callback_unknown'
  | 'command_unknown';

interface RefusedInteraction {
  slackUserId: string;
  reason: ForeignInteraction;
  requestId: string;
  what?: string;
}

/** Refuses and records a signed request that asks for what Keysmith never offered. Answers the words for the person, in time. */
export async function refuseInteraction(edge: SlackEdge, refused: RefusedInteraction): Promise<string> {
  const recording = edge.work.track(record(edge, refused));
  const early = await settledWithin(recording, edge.timing.answerWithinMs);
  if (early === undefined) {
    recording.catch((error: unknown) =>
      edge.ports.logger.error({ err: error }, 'a refusal was not recorded'),
    );
  }
  return foreignInteractionText(refused.reason);
}

async function record({ ports }: SlackEdge, refused: RefusedInteraction): Promise<void> {
  const { slackUserId, reason, requestId, what } = refused;
  const attempt = {
    slackUserId,
    action: 'interaction.refused',
    ...(what !== undefined && { details: { id: what.slice(0, 255) } }),
    requestId,
  } as const;
  await authorize(ports, attempt, async () => ({ ok: false, refusal: { reason } }));
}

function foreignInteractionText(reason: ForeignInteraction): string {
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
