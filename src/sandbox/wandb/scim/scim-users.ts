import type { HttpResponse } from '../../http/local-server.ts';
import type { AccountChanges } from '../account-changes.ts';
import type { Capabilities } from '../capabilities.ts';
import type { WandbState, WandbTeam, WandbUser } from '../wandb-state.ts';
import {
  noContent,
  readScimBody,
  readScimFilter,
  resourceMeta,
  scimError,
  scimId,
  scimList,
  scimResponse,
} from './scim-response.ts';

export interface ScimContext {
  state: WandbState;
  changes: AccountChanges;
  capabilities: Readonly<Capabilities>;
}

const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
const TEAMS_SCHEMA = 'urn:ietf:params:scim:schemas:extension:teams:2.0:User';

/** Older servers show people only. */
export const isVisible = ({ capabilities }: ScimContext, { accountType }: WandbUser) =>
  capabilities.scimServiceAccounts || accountType !== 'SERVICE';

export function listUsers(context: ScimContext, filter: string | undefined): HttpResponse {
  const wanted = readScimFilter(filter, ['userName', 'emails.value']);
  const matches = ({ username, email }: WandbUser) =>
    wanted === undefined ||
    (wanted.attribute === 'userName'
      ? username === wanted.value
      : // RFC 7643, section 2.2: strings ignore the letter case unless the schema says otherwise.
        email?.toLowerCase() === wanted.value.toLowerCase());
  const found = context.state.users.filter((user) => isVisible(context, user) && matches(user));
  return scimList(found.map((user) => userResource(context, user)));
}

export function readUser(context: ScimContext, id: string): HttpResponse {
  return scimResponse(userResource(context, userWithId(context, id)));
}

/** Creates a service account without a key. W&B ignores `displayName`. */
export function createUser(context: ScimContext, text: string): HttpResponse {
  const { state, changes, capabilities } = context;
  const body = readScimBody(text);
  const { userName, accountType, emails } = body;
  if (typeof userName !== 'string' || userName === '') throw scimError(400, 'userName is required');
  if (!capabilities.scimServiceAccounts || accountType === undefined || accountType === 'USER') {
    if (emails === undefined) throw scimError(400, 'emails is required');
    throw scimError(501, 'the local W&B creates service accounts only');
  }
  if (accountType !== 'SERVICE' && accountType !== 'ORG_SERVICE') throw scimError(400, 'invalid accountType');
  for (const field of ['modelsSeat', 'weaveRole']) {
    if (field in body) throw scimError(400, `${field} is not supported for service accounts`);
  }
  const team = defaultTeam(state, body[TEAMS_SCHEMA]);
  if (accountType === 'SERVICE' && !capabilities.teamServiceAccountsEnabled) {
    throw scimError(403, 'team service accounts are disabled');
  }
  if (state.users.some(({ username }) => username === userName)) {
    throw scimError(409, `user ${userName} already exists`);
  }
  const user =
    accountType === 'SERVICE'
      ? changes.createServiceAccount(team, userName, userName)
      : changes.createOrganizationAccount(team, userName);
  return scimResponse({ ...userResource(context, user), ...roles(state, user) }, 201);
}

function defaultTeam(state: WandbState, extension: unknown): WandbTeam {
  const { defaultTeam: name } = (extension ?? {}) as { defaultTeam?: unknown };
  if (typeof name !== 'string' || name === '') throw scimError(400, 'defaultTeam is required');
  const team = state.team(name);
  if (!team) throw scimError(400, `team ${name} not found`);
  return team;
}

/** Deletes a user for good. */
export function deleteUser(context: ScimContext, id: string): HttpResponse {
  context.changes.deleteUser(userWithId(context, id));
  return noContent;
}

/** Changes a person: `active`, `organizationRole` and `teamRoles`. */
export function patchUser(context: ScimContext, id: string, text: string): HttpResponse {
  const user = userWithId(context, id);
  if (user.accountType === 'SERVICE') throw scimError(400, 'service accounts can’t be changed');
  const { Operations: operations } = readScimBody(text);
  if (!Array.isArray(operations)) throw scimError(400, 'Operations is required');
  for (const one of operations) applyOperation(context, user, one as PatchOperation);
  return scimResponse({ ...userResource(context, user), ...roles(context.state, user) });
}

interface PatchOperation {
  op?: unknown;
  path?: string;
  value?: unknown;
}

function applyOperation(
  { state, changes }: ScimContext,
  user: WandbUser,
  { op, path, value }: PatchOperation,
): void {
  if (String(op).toLowerCase() !== 'replace') throw scimError(400, `unsupported op: ${op}`);
  const values = path === undefined ? (value as Record<string, unknown>) : { [path]: value };
  for (const [attribute, wanted] of Object.entries(values ?? {})) {
    if (attribute === 'active' && typeof wanted === 'boolean') changes.setActive(user, wanted);
    else if (attribute === 'organizationRole' && (wanted === 'admin' || wanted === 'member')) {
      changes.setOrganizationAdmin(user, wanted === 'admin');
    } else if (attribute === 'teamRoles' && Array.isArray(wanted)) {
      for (const role of wanted) setTeamRole(state, user, role as { teamName?: unknown; roleName?: unknown });
    } else throw scimError(400, `unsupported value of ${attribute}`);
  }
}

function setTeamRole(
  state: WandbState,
  user: WandbUser,
  { teamName, roleName }: { teamName?: unknown; roleName?: unknown },
): void {
  const team = state.team(String(teamName));
  if (!team) throw scimError(400, `team ${teamName} not found`);
  const role = (['admin', 'member', 'viewer'] as const).find((one) => one === roleName);
  if (!role) throw scimError(400, `role ${roleName} not found`);
  const membership = team.memberships.find((one) => one.user === user);
  if (membership) membership.role = role;
  else team.memberships.push({ user, role, pending: false });
}

function userWithId(context: ScimContext, id: string): WandbUser {
  const user = context.state.users.find((one) => isVisible(context, one) && scimId(one) === id);
  if (!user) throw scimError(404, `user ${id} not found`);
  return user;
}

function userResource({ state, capabilities }: ScimContext, user: WandbUser) {
  const { active, name, username, email } = user;
  return {
    active,
    displayName: name,
    ...(email !== null && { emails: emailsOf(email, capabilities.scimEmails) }),
    id: scimId(user),
    meta: resourceMeta('User', user),
    schemas: [USER_SCHEMA],
    userName: username,
    ...(capabilities.scimServiceAccounts && {
      accountType: accountTypeOf(user),
      lastActiveAt: null,
      daysActive: 0,
    }),
    ...(capabilities.scimShowsRoles && roles(state, user)),
  };
}

function emailsOf(email: string, spelling: Capabilities['scimEmails']): object {
  return spelling === 'object'
    ? { Value: email, Display: '', Type: '', Primary: true }
    : [{ value: email, display: '', type: '', primary: true }];
}

function accountTypeOf({
  accountType,
  isOrganizationAccount,
}: WandbUser): 'USER' | 'SERVICE' | 'ORG_SERVICE' {
  if (accountType !== 'SERVICE') return 'USER';
  return isOrganizationAccount ? 'ORG_SERVICE' : 'SERVICE';
}

/** A deactivated person has no roles. */
function roles({ teams }: WandbState, user: WandbUser) {
  const teamRoles = teams.flatMap(({ name, memberships }) =>
    memberships
      .filter((membership) => membership.user === user && user.active && !membership.pending)
      .map(({ role }) => ({ teamName: name, roleName: role })),
  );
  return { teamRoles, organizationRole: user.admin && user.active ? 'admin' : 'member' };
}
