import { z } from 'zod';
import { entriesOf, optionalText } from '../entries.ts';
import type { HasField } from '../missing-fields.ts';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import { isUnknownObject, type WandbOperation, type WandbResult } from '../wandb-failure.ts';

/** A person or a service account in a team. This query never requests API keys. */
interface WandbMember {
  id: string;
  /** For a service account, the name it was created with. On one line and at most 128 characters long. */
  name: string | undefined;
  username: string | undefined;
  email: string | undefined;
  admin: boolean;
  /** Invited but not joined; also true when the server doesn't report it. */
  pending: boolean;
  /** As the server writes it; undefined on servers without roles. */
  role: string | undefined;
  /** `USER`, `SERVICE`, `VIEWER`, `ANONYMOUS`, or another value of some server. */
  accountType: string | undefined;
  /** For external service accounts; undefined when the server doesn't have them or doesn't show them to this API key. */
  oauthClients: { id: string; subject: string | undefined }[] | undefined;
}

export interface WandbTeam {
  id: string;
  /** As the server returns it, which may differ from the requested name. */
  name: string;
  members: WandbMember[];
  /** Members that can't be used because they have no ID, or another field that W&B's schema doesn't allow. Undefined if none. */
  unusableMembers: UnusableMember[] | undefined;
  organization: WandbOrganization | undefined;
  /** False only if the server said that its teams have no organization: then every team is the organization's. */
  hasOrganizations: boolean;
}

/** What is known of a member that can't be used. */
interface UnusableMember {
  name: string | undefined;
  accountType: string | undefined;
}

interface WandbOrganization {
  id: string | undefined;
  name: string;
  /** The registered JWT issuers; undefined when the server doesn't have them or doesn't show them to this API key. */
  oauthProviders: { id: string; issuerUrl: string }[] | undefined;
}

const id = z.string().min(1);

/** Longer than the names of Keysmith's accounts. Messages show those that others chose, too. */
const MAX_NAME_LENGTH = 128;

const memberName = optionalText.transform((name) =>
  name
    ?.slice(0, MAX_NAME_LENGTH)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' '),
);

const member = z.object({
  id,
  name: memberName,
  username: memberName,
  email: optionalText,
  admin: z
    .boolean()
    .nullable()
    .transform((isAdmin) => isAdmin ?? false),
  pending: z
    .boolean()
    .nullable()
    .transform((isPending) => isPending ?? true),
  role: optionalText,
  accountType: optionalText,
  OAuthClients: entriesOf(z.object({ id, subject: optionalText })).nullish(),
});

const unusableMember = z
  .object({ name: memberName.catch(undefined), accountType: optionalText.catch(undefined) })
  .catch({ name: undefined, accountType: undefined });

const organization = z.object({
  id: optionalText,
  name: z.string(),
  OAuthProviders: entriesOf(z.object({ id, issuerUrl: z.string() })).nullish(),
});

const entity = z.object({
  id,
  name: z.string().min(1),
  isTeam: z.boolean().nullish(),
  members: entriesOf(member),
  // A team whose organization can't be read counts as one of no organization.
  organization: organization.nullish().catch(undefined),
});

interface ReadTeam {
  entity: z.output<typeof entity> | null;
  hasOrganizations: boolean;
}

function readTeamOperation(has: HasField, needsOrganization: boolean): WandbOperation<ReadTeam> {
  const role = has('Member.role') ? 'role' : '';
  const clients = has('Member.OAuthClients') ? 'OAuthClients { id subject }' : '';
  const providers = has('Organization.OAuthProviders') ? 'OAuthProviders { id issuerUrl }' : '';
  const hasOrganizations = needsOrganization || has('Entity.organization');
  return {
    kind: 'query',
    name: 'ReadTeam',
    query: `query ReadTeam($name: String!) {
  entity(name: $name) {
    id name isTeam
    members { id name username email admin pending accountType ${role} ${clients} }
    ${hasOrganizations ? `organization { id name ${providers} }` : ''}
  }
}`,
    data: z.object({ entity: entity.nullable() }).transform((data) => ({ ...data, hasOrganizations })),
    optionalPaths: ['entity.organization', 'entity.members.*.OAuthClients'],
    entryPaths: ['entity.members.*'],
    skippedIn,
  };
}

function skippedIn({ entity }: ReadTeam): number {
  if (entity === null) return 0;
  const { members, organization } = entity;
  const lists = [
    members,
    organization?.OAuthProviders,
    ...members.entries.map(({ OAuthClients }) => OAuthClients),
  ];
  return lists.reduce((count, list) => count + (list?.unusable.length ?? 0), 0);
}

/**
 * Reads a team with its members. The value is undefined when no team of that name is visible to the API key.
 *
 * @param options.needsOrganization fails on a server that says it has no organizations
 */
export async function readTeam(
  client: WandbClient,
  name: string,
  { needsOrganization = false, ...options }: CallOptions & { needsOrganization?: boolean } = {},
): Promise<WandbResult<WandbTeam | undefined>> {
  const result = await client.call((has) => readTeamOperation(has, needsOrganization), { name }, options);
  if (!result.ok) {
    // Some servers return 404 for an unknown team.
    return isUnknownObject(result.failure) ? { ok: true, value: undefined } : result;
  }
  const { entity, hasOrganizations } = result.value;
  // A personal entity isn't a team.
  if (entity === null || entity.isTeam === false) return { ok: true, value: undefined };
  return { ok: true, value: { ...teamOf(entity), hasOrganizations } };
}

function teamOf({ id, name, members, organization }: z.output<typeof entity>) {
  return {
    id,
    name,
    members: members.entries.map(
      ({ OAuthClients, ...one }): WandbMember => ({ ...one, oauthClients: OAuthClients?.entries }),
    ),
    unusableMembers:
      members.unusable.length > 0 ? members.unusable.map((one) => unusableMember.parse(one)) : undefined,
    organization: organization
      ? {
          id: organization.id,
          name: organization.name,
          oauthProviders: organization.OAuthProviders?.entries,
        }
      : undefined,
  };
}
