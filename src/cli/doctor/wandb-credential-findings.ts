import type { WandbCapabilities } from '../../backends/wandb/operations/probe-capabilities.ts';
import type { WandbTeam } from '../../backends/wandb/operations/read-team.ts';
import type { WandbViewer } from '../../backends/wandb/operations/read-viewer.ts';
import { type Finding, plainText } from './finding.ts';

const SHOWN_TEAMS = 10;

/**
 * Whose key it is, and what that user may.
 *
 * @param teams those of the user that could be read
 * @param asked.lookedAt names of those that were asked for
 */
export function credentialFindings(
  viewer: WandbViewer,
  teams: readonly WandbTeam[],
  asked: { lookedAt: readonly string[] },
): Finding[] {
  const who = plainText(viewer.username ?? viewer.email ?? viewer.id);
  return [
    { mark: 'ok', subject: 'W&B credential', text: `valid, of the user ${who}` },
    rightsFinding(viewer, teams, asked),
  ];
}

export function whoMayFinding(organizationAdmins: readonly string[]): Finding {
  const ofSettings =
    organizationAdmins.length === 0
      ? ''
      : `, and in every team those of KEYSMITH_ORGANIZATION_ADMINS (${organizationAdmins.length})`;
  const text = `the admins of each team, as the server has them at that moment${ofSettings}`;
  return { mark: 'ok', subject: 'Who may', text };
}

function rightsFinding(
  viewer: WandbViewer,
  teams: readonly WandbTeam[],
  { lookedAt }: { lookedAt: readonly string[] },
): Finding {
  const subject = 'W&B credential, rights';
  if (viewer.admin) return { mark: 'ok', subject, text: 'admin of the server: every team' };
  const administered = teams.filter((team) => administers(viewer, team)).map(({ name }) => name);
  const others = lookedAt.filter((name) => !administered.includes(name));
  const remedy =
    'At the server, make this user an admin of each team that Keysmith shall serve, or use the key of an admin of the server.';
  const all = viewer.teams.length;
  const counted = lookedAt.length < all ? ` (${lookedAt.length} of ${all} teams were looked at)` : '';
  if (administered.length === 0) {
    // Where not all were looked at it may be one of another.
    return counted === ''
      ? { mark: 'problem', subject, text: 'the user is an admin of no team: nothing can be made', remedy }
      : { mark: 'warning', subject, text: `the user is an admin of none of its teams${counted}`, remedy };
  }
  const text = `admin of ${shown(administered)}`;
  if (others.length === 0) return { mark: 'ok', subject, text: `${text}${counted}` };
  return { mark: 'warning', subject, text: `${text}; not of ${shown(others)}${counted}`, remedy };
}

function administers({ id }: WandbViewer, { members }: WandbTeam): boolean {
  return members.some(
    (member) =>
      member.id === id && !member.pending && (member.admin || member.role?.toLowerCase() === 'admin'),
  );
}

function shown(names: readonly string[]): string {
  const more = names.length - SHOWN_TEAMS;
  const first = names.slice(0, SHOWN_TEAMS).map(plainText).join(', ');
  return more > 0 ? `${first} and ${more} more` : first;
}

/** The server's name of the organization against KEYSMITH_ORGANIZATION. */
/** Teams whose organization the server has and does not show: they count as another's. */
export function hiddenOrganizationFindings(
  teams: readonly WandbTeam[],
  { organizationOnEntity }: Pick<WandbCapabilities, 'organizationOnEntity'>,
): Finding[] {
  const hidden = teams.filter(({ organization }) => organization === undefined);
  if (!organizationOnEntity || hidden.length === 0) return [];
  return [
    {
      mark: 'warning',
      subject: 'W&B organization',
      text: `the server does not tell this credential whose these teams are, so Keysmith serves none of them: ${shown(hidden.map(({ name }) => name))}`,
      remedy: 'Give the user of the key the right to see the organization of its teams.',
    },
  ];
}

export function organizationFinding(names: readonly string[], expected: string): Finding {
  const subject = 'W&B organization';
  if (names.length === 0) {
    return {
      mark: 'warning',
      subject,
      text: 'the server does not tell this credential its name',
      remedy:
        'See that KEYSMITH_ORGANIZATION is written as on the server’s page: federated JWTs carry it as audience.',
    };
  }
  if (names.includes(expected)) {
    return { mark: 'ok', subject, text: `${plainText(expected)}, as KEYSMITH_ORGANIZATION says` };
  }
  return {
    mark: 'problem',
    subject,
    text: `the server knows ${shown(names)}, and not the name in KEYSMITH_ORGANIZATION`,
    remedy: 'Set KEYSMITH_ORGANIZATION to the name that the server has, letter for letter.',
  };
}
