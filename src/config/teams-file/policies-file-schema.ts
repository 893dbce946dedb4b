import { z } from 'zod';
import { channel, checkApprovers, policy } from './policy-schema.ts';
import { uniqueList } from './schema-parts.ts';
import type { FileWarning, ParsedTeamsFile } from './teams-file-schema.ts';
import { byRule, organizationNameRule, teamNameRule } from './value-rules.ts';

type FilePolicy = z.output<typeof policy>;

const team = z.strictObject({
  name: byRule(teamNameRule),
  policy: policy.optional(),
  channel: channel.optional(),
});

/** Returns the schema of a teams file for a W&B server, which has the teams, members and roles itself. */
export function policiesFileSchema() {
  return z
    .strictObject({
      organization: z
        .strictObject({ name: byRule(organizationNameRule).optional(), policy: policy.optional() })
        .default({}),
      teams: uniqueList('team', team, 'name').default(() => []),
    })
    .superRefine(({ organization, teams }, context) => {
      checkApprovers({ organization: organization.policy ?? {}, teams }, context);
    })
    .transform(({ organization, teams }): ParsedTeamsFile => {
      const { name, policy: ofOrganization } = organization;
      return {
        teamsFile: {
          organization: {
            admins: [],
            ...(name !== undefined && { name }),
            ...(ofOrganization !== undefined && { policy: ofOrganization }),
          },
          issuers: [],
          teams: teams.map(({ name, policy: own, channel: id }) => ({
            name,
            subjects: [],
            members: [],
            projects: [],
            ...(own !== undefined && { policy: own }),
            ...(id !== undefined && { channel: id }),
          })),
        },
        warnings: [
          ...unenforced(ofOrganization, ['organization', 'policy']),
          ...teams.flatMap(({ policy: own }, index) => unenforced(own, ['teams', index, 'policy'])),
        ],
      };
    });
}

/** The entries that need keys which Keysmith creates and verifies itself. */
const NOT_ON_SERVER = {
  longestKeyLifeDays: 'longest_key_life_days',
  keysMayNeverExpire: 'keys_may_never_expire',
  unusedAfterDays: 'unused_after_days',
  onLeak: 'on_leak',
} as const satisfies Partial<Record<keyof FilePolicy, string>>;

function unenforced(set: FilePolicy | undefined, path: PropertyKey[]): FileWarning[] {
  if (set === undefined) return [];
  return Object.entries(NOT_ON_SERVER)
    .filter(([rule]) => set[rule as keyof FilePolicy] !== undefined)
    .map(([, name]) => ({
      path: [...path, name],
      message:
        'No effect with a W&B server: its keys don’t expire, and Keysmith doesn’t see them being used.',
    }));
}
