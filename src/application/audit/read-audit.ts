import type { AuditRecord } from '../../domain/audit/audit-event.ts';
import { readSince } from '../../domain/audit/since.ts';
import { nearestName } from '../../domain/nearest-name.ts';

import type { Person } from '../../domain/organization/person.ts';
import { TEAM_NAME_MAX_LENGTH } from '../../domain/organization/team-name.ts';
import { authorize, checkTeamOrAny } from '../accounts/authorize.ts';
import type { Refusal } from '../accounts/refusal.ts';
import type { Ports } from '../ports/account-ports.ts';

/** Which part of the audit record a person asks for. */
export interface AuditFilter {
  teamName: string | undefined;
  accountName: string | undefined;
  /** As typed. */
  since: string | undefined;
}

export type ReadAuditResult =
  | {
      kind: 'page';
      /** Newest first. */
      records: AuditRecord[];
      /** The sequence number before which the next page begins; undefined on the last page. */
      olderThan: number | undefined;
      isOrganization: boolean;
    }
  | { kind: 'since_unclear'; since: string }
  /** `nearest`: the name of an account of the person's teams. */
  | { kind: 'account_unknown'; name: string; nearest: string | undefined }
  | { kind: 'refused'; refusal: Refusal };

/** Events on a page. */
const AUDIT_PAGE_LENGTH = 15;
/** Teams whose events are shown together. More teams than any person but an organization admin administers. */
const MAX_TEAMS = 1_000;

/**
 * Reads what happened in the teams that the person administers, or for an organization admin everywhere, from fresh permissions.
 *
 * @param request.before as `olderThan` returned it; undefined for the newest events
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError
 */
export async function readAudit(
  ports: Ports,
  request: AuditFilter & { slackUserId: string; before: number | undefined; requestId: string },
): Promise<ReadAuditResult> {
  const { slackUserId, teamName, accountName, since, before, requestId } = request;
  const attempt = {
    slackUserId,
    action: 'audit.read_refused',
    // Bounded: it is as typed.
    ...(teamName !== undefined && {
      details: { team: teamName.slice(0, TEAM_NAME_MAX_LENGTH).toWellFormed() },
    }),
    requestId,
  } as const;
  const authorized = await authorize(ports, attempt, (person) => checkTeamOrAny(ports, person, teamName));
  if (!authorized.ok) return { kind: 'refused', refusal: authorized.refusal };
  const sinceMs = since === undefined ? undefined : readSince(since, ports.now());
  if (since !== undefined && sinceMs === undefined) return { kind: 'since_unclear', since };
  const seen = await visibleTeams(ports, authorized.person, teamName);
  const subjects = await subjectsOf(ports, seen, accountName);
  if (subjects === 'account_unknown') {
    const names = await ports.backend.accountNames(authorized.person, teamName);
    return {
      kind: 'account_unknown',
      name: accountName ?? '',
      nearest: nearestName(accountName ?? '', names),
    };
  }
  const from = sinceMs === undefined ? undefined : await ports.store.firstAuditSequence(sinceMs);
  const isEmpty = sinceMs !== undefined && from === undefined;
  const found = isEmpty
    ? []
    : await ports.store.auditPage({ subjects, before, from, limit: AUDIT_PAGE_LENGTH + 1 });
  const records = found.slice(0, AUDIT_PAGE_LENGTH);
  const hasMore = found.length > records.length;
  const olderThan = hasMore ? records.at(-1)?.sequence : undefined;
  return { kind: 'page', records, olderThan, isOrganization: subjects === undefined };
}

/** Undefined: every team, and what concerns the organization. */
async function visibleTeams(
  { backend }: Ports,
  person: Person,
  teamName: string | undefined,
): Promise<readonly string[] | undefined> {
  if (teamName !== undefined) return [teamName];
  if ((await backend.organizationAdmins()).includes(person.email)) return undefined;
  const { teams } = await backend.administeredTeams(person, { limit: MAX_TEAMS });
  return teams.map(({ name }) => name);
}

async function subjectsOf(
  { store }: Ports,
  teamNames: readonly string[] | undefined,
  accountName: string | undefined,
): Promise<string[] | undefined | 'account_unknown'> {
  if (accountName === undefined) return teamNames?.map((name) => `team:${name}`);
  const accounts = await store.accountsEverNamed(accountName.toLowerCase());
  const visible = accounts.filter(({ teamName }) => teamNames === undefined || teamNames.includes(teamName));
  if (visible.length === 0) return 'account_unknown';
  return (await Promise.all(visible.map(({ id }) => accountSubjects(store, id)))).flat();
}

/** Returns by what the events of an account are found: the account, and the request for it if there was one. */
export async function accountSubjects(
  store: Pick<Ports['store'], 'requestOfAccount'>,
  accountId: string,
): Promise<string[]> {
  const request = await store.requestOfAccount(accountId);
  return [`service_account:${accountId}`, ...(request === undefined ? [] : [`access_request:${request.id}`])];
}
