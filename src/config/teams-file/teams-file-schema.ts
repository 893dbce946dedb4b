import { z } from 'zod';
import type { DesiredIssuer } from '../../domain/federation/issuer.ts';
import { isOpenOwnerPattern, isRegularExpression } from '../../domain/federation/subject.ts';
import { keySet, type StatedKeys } from './key-set-schema.ts';
import { channel, checkApprovers, policy } from './policy-schema.ts';
import { addIssue, hasList, invalidPaths, oneOf, uniqueList, wholeNumber } from './schema-parts.ts';
import {
  type ProjectEntry,
  roles,
  type TeamEntry,
  type TeamsFile,
  type TeamsFileOptions,
  visibilities,
} from './teams-file.ts';
import {
  byRule,
  certificatesRule,
  emailAddressRule,
  foreignIssuerRule,
  insecureIssuerUrlRule,
  insecureKeysUrlRule,
  issuerUrlRule,
  keysUrlRule,
  organizationNameRule,
  projectAccountRule,
  projectNameRule,
  subjectPatternRule,
  teamNameRule,
  usernameRule,
} from './value-rules.ts';

/** A JWT of a workload never lives longer than a year. */
const MAX_LIFETIME_HOURS = 8760;

/**
 * Returns the schema of a teams file. An issue about two places has the path of the earlier one, relative to the same parent,
 * in `params.earlier`, and `{line}` in its message.
 */
export function teamsFileSchema(options: IssuerOptions) {
  return z
    .strictObject({
      organization: organization.optional(),
      issuers: uniqueList('issuer', issuer(options), 'url').default(() => []),
      teams: uniqueList('team', team, 'name')
        .superRefine(checkUsernames, { when: hasList })
        .transform(addUsernames),
    })
    .superRefine(({ organization, teams }, context) => {
      checkApprovers({ organization: organization?.policy ?? {}, teams }, context);
    })
    .transform(
      (file): ParsedTeamsFile => ({
        teamsFile: {
          ...file,
          organization: file.organization ?? { admins: [] },
          issuers: file.issuers.map(({ unusableKeys: _, ...issuer }) => issuer),
        },
        warnings: [...file.issuers.flatMap(unusableKeyWarnings), ...file.teams.flatMap(patternWarnings)],
      }),
    );
}

/** Something that is allowed and probably a mistake. */
export interface FileWarning {
  path: PropertyKey[];
  message: string;
}

export interface ParsedTeamsFile {
  teamsFile: TeamsFile;
  warnings: FileWarning[];
}

function unusableKeyWarnings({ unusableKeys }: ParsedIssuer, issuerIndex: number): FileWarning[] {
  return unusableKeys.map(({ index, message }) => ({
    path: ['issuers', issuerIndex, 'jwks', 'keys', index],
    message,
  }));
}

/** Warns of patterns such as `repo:acme*`, which also matches the repositories of `acme-evil`. */
function patternWarnings({ subjects }: TeamEntry, teamIndex: number): FileWarning[] {
  return subjects.flatMap((pattern, index) => {
    const path = ['teams', teamIndex, 'subjects', index];
    if (isOpenOwnerPattern(pattern)) return [{ path, message: OPEN_PATTERN }];
    return isRegularExpression(pattern) ? [{ path, message: REGULAR_EXPRESSION }] : [];
  });
}

const REGULAR_EXPRESSION =
  'Only * is special in a pattern: it matches any characters. All other characters must match exactly.';

const OPEN_PATTERN =
  'This pattern also matches other GitHub owners whose names start the same. Write repo:OWNER/* and, for immutable subjects, repo:OWNER@ID/*.';

const organization = z
  .strictObject({
    name: byRule(organizationNameRule).optional(),
    admins: uniqueList('organization admin', byRule(emailAddressRule)).default(() => []),
    policy: policy.optional(),
  })
  .transform(({ name, admins, policy }) => ({
    ...(name !== undefined && { name }),
    admins,
    ...(policy !== undefined && { policy }),
  }));

type ParsedIssuer = DesiredIssuer & { unusableKeys: StatedKeys['unusable'] };

type IssuerOptions = Required<Pick<TeamsFileOptions, 'allowInsecureIssuers' | 'ownUrl'>>;

const issuer = ({ allowInsecureIssuers: allowInsecure, ownUrl }: IssuerOptions) =>
  z
    .strictObject({
      url: byRule(foreignIssuerRule(allowInsecure ? insecureIssuerUrlRule : issuerUrlRule, ownUrl)),
      single_use: z.boolean().optional(),
      private_network: z.boolean().optional(),
      ca: byRule(certificatesRule).optional(),
      jwks: keySet.optional(),
      jwks_url: byRule(allowInsecure ? insecureKeysUrlRule : keysUrlRule).optional(),
      max_lifetime_hours: wholeNumber('hours', { least: 1, most: MAX_LIFETIME_HOURS }).optional(),
    })
    .superRefine(({ jwks, jwks_url }, context) => {
      if (jwks === undefined || jwks_url === undefined) return;
      context.addIssue({
        code: 'custom',
        message: 'Set either jwks or jwks_url, not both: keys in the file are never fetched.',
        path: ['jwks_url'],
      });
    })
    .transform(
      ({ url, single_use, private_network, ca, jwks, jwks_url, max_lifetime_hours }): ParsedIssuer => ({
        url,
        ...(single_use !== undefined && { isSingleUse: single_use }),
        ...(private_network !== undefined && { isPrivateNetwork: private_network }),
        ...(ca !== undefined && { ca }),
        ...(jwks !== undefined && { jwks: jwks.jwks }),
        ...(jwks_url !== undefined && { jwksUrl: jwks_url }),
        ...(max_lifetime_hours !== undefined && { maxLifetimeSeconds: max_lifetime_hours * 3600 }),
        unusableKeys: jwks?.unusable ?? [],
      }),
    );

const member = z.strictObject({
  email: byRule(emailAddressRule),
  role: oneOf('role', roles),
  username: byRule(usernameRule).optional(),
});

const project = z
  .strictObject({
    name: byRule(projectNameRule),
    visibility: oneOf('visibility', visibilities).default('private'),
    service_accounts: uniqueList('service account', byRule(projectAccountRule)).default(() => []),
  })
  .transform(
    ({ name, visibility, service_accounts }): ProjectEntry => ({
      name,
      visibility,
      serviceAccounts: service_accounts,
    }),
  );

const team = z.strictObject({
  name: byRule(teamNameRule),
  subjects: uniqueList('pattern', byRule(subjectPatternRule)).default(() => []),
  members: uniqueList('member', member, 'email').default(() => []),
  projects: uniqueList('project', project, 'name').default(() => []),
  policy: policy.optional(),
  channel: channel.optional(),
  take_over: z.boolean().optional(),
});

type Team = z.output<typeof team>;

/**
 * A username belongs to a person, not to a membership: set once, it counts in every team. Set differently, or shared by two
 * people, it would attribute runs to the wrong person.
 */
function checkUsernames(teams: readonly Team[], context: z.core.$RefinementCtx): void {
  const isInvalid = invalidPaths(context.issues);
  const people = new Map<string, { username?: string; path: PropertyKey[] }>();
  for (const [{ email, username }, at] of validMembers(teams, isInvalid)) {
    const path = [...at, username === undefined ? 'email' : 'username'];
    const person = people.get(email) ?? { path };
    people.set(email, person);
    if (username === undefined || isInvalid(path)) continue;
    if (person.username === undefined) Object.assign(person, { username, path });
    else if (person.username !== username) {
      const message = 'This person has a different username on line {line}.';
      addIssue(context, { message, path, earlier: person.path });
    }
  }
  const paths = new Map<string, PropertyKey[]>();
  for (const [email, { username = defaultUsername(email), path }] of people) {
    const earlier = paths.get(username);
    if (earlier === undefined) paths.set(username, path);
    else {
      const message =
        'The person on line {line} has the same W&B username. Set the right one with "username".';
      addIssue(context, { message, path, earlier });
    }
  }
}

/** Yields the members whose address and role are valid, with their paths. Other parts of `teams` may be of any type. */
function* validMembers(
  teams: readonly Team[],
  isInvalid: (path: readonly PropertyKey[]) => boolean,
): Generator<[z.output<typeof member>, PropertyKey[]]> {
  for (const [teamIndex, team] of teams.entries()) {
    const members: unknown = team?.members;
    if (!Array.isArray(members)) continue;
    for (const [memberIndex, entry] of members.entries()) {
      const at = [teamIndex, 'members', memberIndex];
      if (![at, [...at, 'email'], [...at, 'role']].some(isInvalid)) yield [entry, at];
    }
  }
}

function addUsernames(teams: readonly Team[]): TeamEntry[] {
  const usernames = new Map<string, string>();
  for (const { email, username } of teams.flatMap(({ members }) => members)) {
    if (username !== undefined) usernames.set(email, username);
  }
  return teams.map(({ policy, channel, take_over, ...team }) => ({
    ...team,
    ...(policy !== undefined && { policy }),
    ...(channel !== undefined && { channel }),
    ...(take_over === true && { takeOver: true }),
    members: team.members.map(({ email, role }) => {
      const stated = usernames.get(email);
      return stated === undefined
        ? { email, role, username: defaultUsername(email) }
        : { email, role, username: stated, isUsernameStated: true };
    }),
  }));
}

function defaultUsername(email: string): string {
  return email.slice(0, email.indexOf('@'));
}
