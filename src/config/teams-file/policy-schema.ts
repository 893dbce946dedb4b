import { z } from 'zod';
import {
  effectivePolicy,
  lacksApprovers,
  type Policy,
  REQUIRABLE_FIELDS,
} from '../../domain/organization/policy.ts';
import { matchesSubjectPattern } from '../../domain/organization/team.ts';
import { oneOf, typeText, uniqueList, wholeNumber } from './schema-parts.ts';
import {
  accountNamePatternRule,
  approverRule,
  byRule,
  channelRule,
  serviceAccountNameRule,
} from './value-rules.ts';

const TEN_YEARS_DAYS = 3650;

/** A Slack channel's ID. */
export const channel = byRule(channelRule);

const accountNames = z
  .strictObject({ pattern: byRule(accountNamePatternRule), example: byRule(serviceAccountNameRule) })
  .superRefine(({ pattern, example }, context) => {
    if (matchesSubjectPattern(example, pattern)) return;
    context.addIssue({
      code: 'custom',
      message: 'The example doesn’t match the pattern.',
      path: ['example'],
    });
  });

/** One group or address may be written without a list. */
const approvers = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  uniqueList('approver', byRule(approverRule)),
);

const approvals = z
  .number({ error: ({ input }) => typeText('1 or 2', input) })
  .pipe(z.union([z.literal(1), z.literal(2)], { error: 'Expected 1 or 2.' }));

/** The entry `policy` of the organization or of a team. */
export const policy = z
  .strictObject({
    longest_key_life_days: wholeNumber('days', { least: 1, most: TEN_YEARS_DAYS }).optional(),
    keys_may_never_expire: z.boolean().optional(),
    required_fields: uniqueList('field', oneOf('field', REQUIRABLE_FIELDS)).optional(),
    account_names: accountNames.optional(),
    approvers: approvers.optional(),
    approvals: approvals.optional(),
    urgent_requests: z.boolean().optional(),
    unused_after_days: wholeNumber('days', { least: 7, most: 365 }).optional(),
    on_leak: oneOf('reaction', ['revoke', 'notify']).optional(),
  })
  .superRefine(({ longest_key_life_days, keys_may_never_expire }, context) => {
    if (longest_key_life_days === undefined || keys_may_never_expire !== true) return;
    const message = 'Remove this line or keys_may_never_expire: a key without end is longer than any limit.';
    context.addIssue({ code: 'custom', message, path: ['longest_key_life_days'] });
  })
  .transform((entry) => toPolicy(entry));

interface PolicyEntry {
  longest_key_life_days?: number | undefined;
  keys_may_never_expire?: boolean | undefined;
  required_fields?: Policy['requiredFields'] | undefined;
  account_names?: Policy['accountNames'] | undefined;
  approvers?: readonly string[] | undefined;
  approvals?: 1 | 2 | undefined;
  urgent_requests?: boolean | undefined;
  unused_after_days?: number | undefined;
  on_leak?: 'revoke' | 'notify' | undefined;
}

function toPolicy(entry: PolicyEntry): Policy {
  const named = {
    longestKeyLifeDays: entry.longest_key_life_days,
    keysMayNeverExpire: entry.keys_may_never_expire,
    requiredFields: entry.required_fields,
    accountNames: entry.account_names,
    approvers: entry.approvers,
    approvals: entry.approvals,
    urgentRequests: entry.urgent_requests,
    unusedAfterDays: entry.unused_after_days,
    onLeak: entry.on_leak,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

/** Reports policies that need more approvals than they name people: no request could ever be granted. */
export function checkApprovers(
  { organization, teams }: { organization: Policy; teams: readonly { policy?: Policy | undefined }[] },
  context: z.core.$RefinementCtx,
): void {
  const message = 'Name at least as many approvers as approvals are needed.';
  const isImpossible = (team: Policy) => lacksApprovers(effectivePolicy(organization, team));
  if (isImpossible({})) {
    context.addIssue({ code: 'custom', message, path: ['organization', 'policy', 'approvers'] });
    return;
  }
  for (const [index, { policy: own = {} }] of teams.entries()) {
    if (!isImpossible(own)) continue;
    const rule = own.approvers === undefined ? 'approvals' : 'approvers';
    context.addIssue({ code: 'custom', message, path: ['teams', index, 'policy', rule] });
  }
}
