import { type AuthorizeResult, authorize, identify } from '../accounts/authorize.ts';
import type { NotIdentified } from '../accounts/refusal.ts';
import type { Ports } from '../ports/account-ports.ts';
import { type DirectMessageKind, sentKinds } from './direct-messages.ts';

export type ReadMessageSettings =
  | { ok: true; sent: readonly DirectMessageKind[]; wanted: DirectMessageKind[] }
  | { ok: false; refusal: NotIdentified };

/** Returns the kinds of direct messages that Keysmith sends, and those that the person gets. */
export async function readMessageSettings(ports: Ports, slackUserId: string): Promise<ReadMessageSettings> {
  const identified = await identify(ports, slackUserId);
  if (!identified.ok) return identified;
  const muted = await ports.store.mutedMessages(slackUserId);
  const sent = sentKinds(ports.backend);
  return { ok: true, sent, wanted: sent.filter((kind) => !muted.includes(kind)) };
}

export interface SaveMessageSettings {
  slackUserId: string;
  /** The kinds that the person wants. */
  wanted: readonly DirectMessageKind[];
  requestId: string;
}

/** Stores which direct messages a person gets. Anyone whom Keysmith serves may choose for themselves. */
export async function saveMessageSettings(
  ports: Ports,
  { slackUserId, wanted, requestId }: SaveMessageSettings,
): Promise<AuthorizeResult<undefined, never>> {
  const attempt = { slackUserId, action: 'interaction.refused', requestId } as const;
  const authorized = await authorize<undefined, never>(ports, attempt, async () => ({
    ok: true,
    granted: undefined,
  }));
  if (!authorized.ok) return authorized;
  const muted = sentKinds(ports.backend).filter((kind) => !wanted.includes(kind));
  await ports.store.muteMessages(slackUserId, muted, {
    atMs: ports.now(),
    actor: { type: 'person', slackUserId, email: authorized.person.email },
    action: 'person.messages_chosen',
    subject: `person:${slackUserId}`,
    details: { muted },
    requestId,
  });
  return authorized;
}
