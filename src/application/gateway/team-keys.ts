import type { AuditActor, AuditEvent } from '../../domain/audit/audit-event.ts';
import { createSealer, deriveKey, type Sealer } from '../../domain/keys/sealed.ts';
import { Secret } from '../../domain/keys/secret.ts';
import type { StoredTeamKey, UpstreamStore } from '../ports/upstream-store.ts';

/** A W&B API key, and what W&B said about it. */
export interface TeamKey {
  key: Secret;
  /** The user name of its owner in W&B. */
  owner: string;
  /** Whether its owner administers the server or reaches another team. */
  isWider: boolean;
}

/** Returns the sealer of stored keys. */
export function teamKeySealer(secret: Secret<Uint8Array>): Sealer {
  return createSealer(deriveKey(secret.reveal(), 'upstream-credential'), 'upstream-credential-1');
}

export interface TeamKeysDependencies {
  store: Pick<UpstreamStore, 'saveTeamKey' | 'removeTeamKey' | 'sealedTeamKey'>;
  /** As {@link teamKeySealer} returns it. */
  sealer: Sealer;
  newId: (prefix: string) => string;
  now: () => number;
  actor: AuditActor;
}

/** Stores and removes the W&B API keys with which Keysmith forwards requests to teams. Doesn't ask W&B. */
export interface TeamKeys {
  add(teamName: string, teamKey: TeamKey): Promise<'added' | 'replaced' | 'no_team'>;
  /** Also removes the key of an archived team. */
  remove(teamName: string): Promise<'removed' | 'not_found'>;
  open(stored: Pick<StoredTeamKey, 'id' | 'teamName'>): Promise<OpenedTeamKey>;
}

/** `unreadable`: it was sealed with another KEYSMITH_SECRET, or its row was modified. */
export type OpenedTeamKey = { ok: true; key: Secret } | { ok: false; reason: 'removed' | 'unreadable' };

/** @throws StoreUnavailableError from each method */
export function createTeamKeys({ store, sealer, newId, now, actor }: TeamKeysDependencies): TeamKeys {
  const event = (
    action: 'added' | 'replaced' | 'removed',
    teamName: string,
    details: AuditEvent['details'],
  ): AuditEvent => ({
    atMs: now(),
    actor,
    action: `upstream_credential.${action}`,
    subject: `upstream_credential:${teamName}`,
    details: { team: teamName, ...details },
    requestId: null,
  });
  return {
    async add(teamName, { key, owner, isWider }) {
      const sealed = await sealer.seal(JSON.stringify({ team: teamName, key: key.reveal() }));
      const teamKey = { id: newId('upc'), teamName, sealed, owner, isWider, storedAtMs: now() };
      return store.saveTeamKey(teamKey, (action) => event(action, teamName, { owner, wider: isWider }));
    },
    remove: (teamName) => store.removeTeamKey(teamName, event('removed', teamName, {})),
    open: (stored) => openTeamKey({ store, sealer }, stored),
  };
}

/**
 * Opens a stored key. The team's name is sealed with it: an attacker who can write to the database can't give one team the key of
 * another.
 */
export async function openTeamKey(
  { store, sealer }: Pick<TeamKeysDependencies, 'sealer'> & { store: Pick<UpstreamStore, 'sealedTeamKey'> },
  { id, teamName }: Pick<StoredTeamKey, 'id' | 'teamName'>,
): Promise<OpenedTeamKey> {
  const sealed = await store.sealedTeamKey(id);
  if (sealed === undefined) return { ok: false, reason: 'removed' };
  const opened = await sealer.open(sealed);
  if (opened === undefined) return { ok: false, reason: 'unreadable' };
  // Only Keysmith seals, so the text has this form.
  const { team, key } = JSON.parse(opened) as { team: string; key: string };
  return team === teamName ? { ok: true, key: new Secret(key) } : { ok: false, reason: 'unreadable' };
}

/** Returns the value of `Authorization` for a W&B API key, as the SDK sends it. */
export function teamKeyAuthorization(key: Secret): Secret {
  return new Secret(`Basic ${Buffer.from(`api:${key.reveal()}`).toString('base64')}`);
}
