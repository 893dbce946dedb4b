import { pino } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';
import { Secret } from '../../../domain/keys/secret.ts';
import { readViewer, type WandbViewer } from '../client/queries/read-viewer.ts';
import { createWandbClient } from '../client/wandb-client.ts';
import type { WandbFailure } from '../client/wandb-failure.ts';

/** The W&B server behind the gateway, and how it is asked. */
export interface AskUpstreamOptions extends Clock {
  upstreamUrl: string;
  fetch: typeof globalThis.fetch;
  timeoutMs: number;
}

/** What W&B said about a credential of a team. `owner`: the user name of its owner. */
export type UpstreamCheck =
  /** `isWider`: the owner administers the server (`isAdmin`) or is in other teams. */
  | { outcome: 'accepted'; owner: string; isWider: boolean; isAdmin: boolean; otherTeams: string[] }
  /** Its owner isn't in the team. `teams`: where it is. */
  | { outcome: 'other_team'; owner: string; isAdmin: boolean; teams: string[] }
  /** W&B doesn't know the credential. */
  | { outcome: 'rejected' }
  /** W&B couldn't be asked. */
  | { outcome: 'unknown'; failure: WandbFailure };

/**
 * Asks W&B whose credential this is, and whether it reaches the team. Sends one query, with no privileges of an admin, as the gateway
 * sends requests. Never throws.
 *
 * @param authorization the value of `Authorization`: Basic for an API key, Bearer for an access token
 */
export async function checkUpstreamCredential(
  { authorization, teamName }: { authorization: Secret; teamName: string },
  options: AskUpstreamOptions,
): Promise<UpstreamCheck> {
  const asked = await askWhose(authorization, options);
  if (asked.ok) return checkReach(withoutCredential(asked.value, authorization), teamName);
  const { failure } = asked;
  return failure.reason === 'unauthorized' ? { outcome: 'rejected' } : { outcome: 'unknown', failure };
}

/** Asks W&B only whether it accepts the credential. Never throws. */
export async function probeUpstream(
  authorization: Secret,
  options: AskUpstreamOptions,
): Promise<'accepted' | 'rejected' | 'unknown'> {
  const asked = await askWhose(authorization, options);
  if (asked.ok) return 'accepted';
  return asked.failure.reason === 'unauthorized' ? 'rejected' : 'unknown';
}

/** The owner's name is stored, audited and shown: it must not be the key, whatever a server says. */
function withoutCredential(viewer: WandbViewer, authorization: Secret): WandbViewer {
  const [, sent = ''] = authorization.reveal().split(' ');
  const key = credentialOf(authorization).apiKey.reveal();
  const clean = (name: string | undefined) =>
    name === undefined || name.includes(key) || name.includes(sent.replace(/=+$/, '')) ? undefined : name;
  return {
    ...viewer,
    entity: clean(viewer.entity),
    username: clean(viewer.username),
    email: clean(viewer.email),
    id: clean(viewer.id),
    teams: viewer.teams.flatMap((name) => clean(name) ?? []),
  };
}

function checkReach(viewer: WandbViewer, teamName: string): UpstreamCheck {
  const { admin: isAdmin, entity, username } = viewer;
  const owner = username ?? viewer.email ?? viewer.id ?? 'unnamed';
  // A server may list a person's own entity, and the team of a service account only as its entity.
  const teams = [...new Set([...viewer.teams, ...(entity === undefined ? [] : [entity])])].filter(
    (name) => name !== username,
  );
  if (!teams.includes(teamName)) return { outcome: 'other_team', owner, isAdmin, teams };
  const otherTeams = teams.filter((name) => name !== teamName);
  const isWider = isAdmin || otherTeams.length > 0;
  return { outcome: 'accepted', owner, isWider, isAdmin, otherTeams };
}

function askWhose(authorization: Secret, options: AskUpstreamOptions) {
  const { upstreamUrl, timeoutMs, monotonicMs } = options;
  const client = createWandbClient({
    ...options,
    ...credentialOf(authorization),
    baseUrl: upstreamUrl,
    usesAdminPrivileges: false,
    random: Math.random,
    logger: pino({ level: 'silent' }),
    limits: { timeoutMs, maxTries: 1 },
  });
  return readViewer(client, { withoutOrganizations: true, deadlineMs: monotonicMs() + timeoutMs });
}

function credentialOf(authorization: Secret): { apiKey: Secret; scheme: 'Basic' | 'Bearer' } {
  const [scheme, value = ''] = authorization.reveal().split(' ');
  if (scheme === 'Bearer') return { scheme, apiKey: new Secret(value) };
  return {
    scheme: 'Basic',
    apiKey: new Secret(Buffer.from(value, 'base64').toString().slice('api:'.length)),
  };
}
