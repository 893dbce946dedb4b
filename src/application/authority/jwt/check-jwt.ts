import type { Person } from '../../../domain/organization/person.ts';
import { authorize, type Check } from '../../accounts/authorize.ts';
import { type Refusal, refusalForNonAdmin } from '../../accounts/refusal.ts';
import type { Ports } from '../../ports/account-ports.ts';
import { examineJwt } from './examine-jwt.ts';
import type { JwtReport } from './jwt-report.ts';

export type CheckJwtResult =
  | { kind: 'checked'; report: JwtReport }
  | { kind: 'refused'; refusal: Refusal }
  /** JWTs aren't exchanged here: the W&B server verifies them, or the exchange is switched off. */
  | { kind: 'unavailable'; isOnServer: boolean };

interface JwtCheckRequest {
  slackUserId: string;
  requestId: string;
}

/** Returns whether the person may check JWTs: anyone in a team may. */
export async function openJwtCheck(
  ports: Ports,
  request: JwtCheckRequest,
): Promise<{ kind: 'open' } | Exclude<CheckJwtResult, { kind: 'checked' }>> {
  if (ports.assertionRules === undefined) return unavailable(ports);
  const authorized = await authorizeCheck(ports, request);
  return authorized.ok ? { kind: 'open' } : { kind: 'refused', refusal: authorized.refusal };
}

/**
 * Checks a pasted JWT by the rules of the exchange. The accounts of other people's teams look like none.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError
 */
export async function checkJwt(
  ports: Ports,
  { jwt, ...request }: JwtCheckRequest & { jwt: string },
): Promise<CheckJwtResult> {
  const { assertionRules: rules } = ports;
  if (rules === undefined) return unavailable(ports);
  const authorized = await authorizeCheck(ports, request);
  if (!authorized.ok) return { kind: 'refused', refusal: authorized.refusal };
  const { teamNames, isOrganizationAdmin } = authorized.granted;
  const report = await examineJwt(
    rules,
    jwt,
    ({ teamName }) => isOrganizationAdmin || teamNames.has(teamName),
  );
  return { kind: 'checked', report };
}

function unavailable({ backend }: Ports): Extract<CheckJwtResult, { kind: 'unavailable' }> {
  return { kind: 'unavailable', isOnServer: backend.administeredIn === 'wandb' };
}

interface Visible {
  teamNames: ReadonlySet<string>;
  isOrganizationAdmin: boolean;
}

function authorizeCheck(ports: Ports, request: JwtCheckRequest) {
  const attempt = { ...request, action: 'jwt.check_refused' } as const;
  return authorize(ports, attempt, (person) => visibleTeams(ports, person));
}

async function visibleTeams(ports: Ports, person: Person): Promise<Check<Visible, Refusal>> {
  const [memberships, organizationAdmins] = await Promise.all([
    ports.backend.teamsOf(person),
    ports.backend.organizationAdmins(),
  ]);
  const isOrganizationAdmin = organizationAdmins.includes(person.email);
  if (memberships.length === 0 && !isOrganizationAdmin) {
    const none = { teams: [], total: 0, hasUnlisted: false };
    return { ok: false, refusal: await refusalForNonAdmin(ports, person, none) };
  }
  const teamNames = new Set(memberships.map(({ team }) => team.name));
  return { ok: true, granted: { teamNames, isOrganizationAdmin } };
}
