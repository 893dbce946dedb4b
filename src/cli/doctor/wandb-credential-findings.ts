import type { WandbTeam } from '../../backends/wandb/client/queries/read-team.ts';
import type { WandbViewer } from '../../backends/wandb/client/queries/read-viewer.ts';
import { type Finding, plainText } from './finding.ts';

const MAX_LISTED_TEAMS = 10;

interface ReachOptions {
  /** The names of the teams that were requested. */
  checked: readonly string[];
  /** Whether the server lets the user manage the whole organization. */
  managesOrganization: boolean;
}

/**
 * Reports whose key it is, and the teams that this user administers.
 *
 * @param teams the user's teams that could be read
 */
export function credentialFindings(
  viewer: WandbViewer,
  teams: readonly WandbTeam[],
  options: ReachOptions,
): Finding[] {
  const user = plainText(viewer.username ?? viewer.email ?? viewer.id ?? 'unnamed');
  return [
    { mark: 'ok', subject: 'W&B credential', text: `valid, for the user ${user}` },
    credentialPermissionsFinding(viewer, teams, options),
  ];
}

/** Reports members that the server returns without an ID or with another unusable field. Keysmith ignores them. */
export function unusableMembersFindings(teams: readonly WandbTeam[]): Finding[] {
  return teams.flatMap(({ name, unusableMembers = [] }): Finding[] => {
    if (unusableMembers.length === 0) return [];
    const text = `${unusableMembers.length} ignored in ${plainText(name)}, because the server returns no ID for them`;
    const remedy = 'Check the team’s page in W&B for deleted users and invitations that weren’t accepted.';
    return [{ mark: 'warning', subject: 'W&B, members', text, remedy }];
  });
}

export function accountManagersFinding(organizationAdmins: readonly string[]): Finding {
  const settingsAdmins =
    organizationAdmins.length === 0
      ? ''
      : `, and in every team the people in KEYSMITH_ORGANIZATION_ADMINS (${organizationAdmins.length})`;
  const text = `the admins of each team, as the server returns them at that time${settingsAdmins}`;
  return { mark: 'ok', subject: 'Account managers', text };
}

function credentialPermissionsFinding(
  viewer: WandbViewer,
  teams: readonly WandbTeam[],
  { checked, managesOrganization }: ReachOptions,
): Finding {
  const subject = 'W&B credential, permissions';
  if (viewer.admin) return { mark: 'ok', subject, text: 'server admin, for every team' };
  if (managesOrganization) return { mark: 'ok', subject, text: 'manages the organization, with every team' };
  const administered = teams.filter((team) => administers(viewer, team)).map(({ name }) => name);
  const others = checked.filter((name) => !administered.includes(name));
  const remedy =
    'On the server, make this user an admin of each team that Keysmith manages, or use a server admin’s key.';
  const all = viewer.teams.length;
  const counted = checked.length < all ? ` (checked ${checked.length} of ${all} teams)` : '';
  if (administered.length === 0) {
    // The user may be an admin of a team that wasn't checked.
    return counted === ''
      ? {
          mark: 'problem',
          subject,
          text: 'the user isn’t an admin of any team, so Keysmith can’t create accounts',
          remedy,
        }
      : { mark: 'warning', subject, text: `the user isn’t an admin of any of these teams${counted}`, remedy };
  }
  const text = `admin of ${listText(administered)}`;
  if (others.length === 0) return { mark: 'ok', subject, text: `${text}${counted}` };
  return { mark: 'warning', subject, text: `${text}; not of ${listText(others)}${counted}`, remedy };
}

function administers({ id }: WandbViewer, { members }: WandbTeam): boolean {
  return members.some(
    (member) =>
      member.id === id && !member.pending && (member.admin || member.role?.toLowerCase() === 'admin'),
  );
}

function listText(names: readonly string[]): string {
  const more = names.length - MAX_LISTED_TEAMS;
  const first = names.slice(0, MAX_LISTED_TEAMS).map(plainText).join(', ');
  return more > 0 ? `${first} and ${more} more` : first;
}

/** Warns of teams whose organization this credential can't see. Keysmith treats them as another organization's. */
export function hiddenOrganizationFindings(teams: readonly WandbTeam[]): Finding[] {
  const hidden = teams.filter(
    ({ organization, hasOrganizations }) => hasOrganizations && organization === undefined,
  );
  if (hidden.length === 0) return [];
  return [
    {
      mark: 'warning',
      subject: 'W&B organization',
      text: `this credential can’t see the organization of these teams, so Keysmith doesn’t manage them: ${listText(hidden.map(({ name }) => name))}`,
      remedy: 'Allow the user of the key to see the organization of its teams.',
    },
  ];
}

/** Compares the server's name of the organization with KEYSMITH_ORGANIZATION. */
export function organizationFinding(names: readonly string[], expected: string): Finding {
  const subject = 'W&B organization';
  if (names.length === 0) {
    return {
      mark: 'warning',
      subject,
      text: 'this credential can’t see its name',
      remedy:
        'Check that KEYSMITH_ORGANIZATION is exactly the name on the server’s page: it is the audience of federated JWTs.',
    };
  }
  if (names.includes(expected)) {
    return { mark: 'ok', subject, text: `${plainText(expected)}, as in KEYSMITH_ORGANIZATION` };
  }
  return {
    mark: 'problem',
    subject,
    text: `the server has ${listText(names)}, but not the name in KEYSMITH_ORGANIZATION`,
    remedy: 'Set KEYSMITH_ORGANIZATION to exactly the name on the server.',
  };
}
