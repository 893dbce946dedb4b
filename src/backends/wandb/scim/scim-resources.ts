import { z } from 'zod';
import { normalizeEmailAddress } from '../../../domain/organization/person.ts';
import { entriesOf, type ReadEntries } from '../client/entries.ts';

/** A person or a service account, as SCIM shows it. */
export interface ScimUser {
  id: string | undefined;
  userName: string | undefined;
  /** In their compared form; empty for service accounts. */
  emails: string[];
  /** Undefined when the server doesn't show it. */
  active: boolean | undefined;
  /** `USER`, `SERVICE` or `ORG_SERVICE`; undefined on servers that list only people. */
  accountType: string | undefined;
  /** As W&B names teams and roles; undefined when the server doesn't show them. */
  teamRoles: { teamName: string; roleName: string }[] | undefined;
}

/** A team, which SCIM calls a group. */
export interface ScimTeam {
  id: string | undefined;
  name: string;
  /** IDs of people and service accounts. */
  memberIds: string[];
}

export interface ScimList<Entry> extends ReadEntries<Entry> {
  /** Whether the server says that it returned everything. */
  isComplete: boolean;
}

/** Reads an object whose names begin with a capital letter on some servers: `Value` for `value`. */
function anyCase<Shape extends z.ZodType>(schema: Shape) {
  return z.preprocess((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name.charAt(0).toLowerCase() + name.slice(1), one]),
    );
  }, schema);
}

/** Reads a field that may be missing, null or of another type. */
function optional<Value>(schema: z.ZodType<Value>) {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .catch(undefined);
}

const text = optional(z.string());

/** W&B's IDs are base64 or hashes. Other text could change the path. */
export const SCIM_ID = /^[\w+/=:-]{1,200}$/;

const id = optional(z.string().regex(SCIM_ID));

const email = anyCase(z.object({ value: z.string() })).transform(({ value }) => normalizeEmailAddress(value));

/** One object before 0.80.1, and a list since. */
const emails = z
  .preprocess((value) => (Array.isArray(value) ? value : [value]), entriesOf(email))
  .transform(({ entries }) => entries.filter((address) => address !== undefined));

const active = optional(z.union([z.boolean(), z.stringbool(), z.literal([0, 1]).transform(Boolean)]));

const teamRoles = optional(
  entriesOf(z.object({ teamName: z.string(), roleName: z.string() })).transform(({ entries }) => entries),
);

const user: z.ZodType<ScimUser> = z.object({
  id,
  userName: text,
  emails,
  active,
  accountType: text,
  teamRoles,
});

const members = entriesOf(anyCase(z.object({ value: z.string() })))
  .transform(({ entries }) => entries.map(({ value }) => value))
  // null for a team without members.
  .catch([]);

const team: z.ZodType<ScimTeam> = z
  .object({ id, displayName: z.string().min(1), members })
  .transform(({ displayName, ...rest }) => ({ id: rest.id, name: displayName, memberIds: rest.members }));

/** RFC 7644, section 3.4.2: `Resources` may be missing when nothing was found. */
function listOf<Entry>(entry: z.ZodType<Entry>) {
  return z.union([
    z
      .object({ Resources: entriesOf(entry), totalResults: optional(z.number()) })
      .transform(({ Resources, totalResults = 0 }): ScimList<Entry> => {
        const count = Resources.entries.length + Resources.unusable.length;
        return { ...Resources, isComplete: totalResults <= count };
      }),
    z
      .object({ Resources: z.null().optional(), totalResults: z.literal(0) })
      .transform((): ScimList<Entry> => ({ entries: [], unusable: [], isComplete: true })),
  ]);
}

export const users = listOf(user);
export const teams = listOf(team);
export const oneUser = user;
