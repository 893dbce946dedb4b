import { z } from 'zod';
import { entriesOf, optionalText } from '../entries.ts';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbOperation, WandbResult } from '../wandb-failure.ts';
import type { WandbCapabilities } from './read-capabilities.ts';

/** A person or a service account in a team. This query never requests API keys. */
interface WandbMember {
  id: string;
  /** For a service account, the name it was created with. */
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

type TeamCapabilities = Pick<
  WandbCapabilities,
  'roleOnMember' | 'oauthClientsOnMember' | 'organizationOnEntity' | 'oauthProvidersOnOrganization'
>;

const id = z.string().min(1);

const member = z
  .object({
    id,
    name: optionalText,
    username: optionalText,
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
  })
  .transform(
    ({ OAuthClients, role, ...rest }): WandbMember => ({
      ...rest,
      role,
      oauthClients: OAuthClients?.entries,
    }),
  );

const unusableMember = z
  .object({ name: optionalText.catch(undefined), accountType: optionalText.catch(undefined) })
  .catch({ name: undefined, accountType: undefined });

const organization = z
  .object({
    id: optionalText,
    name: z.string(),
    OAuthProviders: entriesOf(z.object({ id, issuerUrl: z.string() })).nullish(),
  })
  .transform(
    ({ OAuthProviders, ...rest }): WandbOrganization => ({
      ...rest,
      oauthProviders: OAuthProviders?.entries,
    }),
  );

const entity = z.object({
  id,
  name: z.string().min(1),
  isTeam: z.boolean().nullish(),
  members: entriesOf(member),
  // A team whose organization can't be read counts as one of no organization.
  organization: organization.nullish().catch(undefined),
});

function readTeamOperation(
  capabilities: TeamCapabilities,
): WandbOperation<{ entity: z.output<typeof entity> | null }> {
  const role = capabilities.roleOnMember ? 'role' : '';
  const clients = capabilities.oauthClientsOnMember ? 'OAuthClients { id subject }' : '';
  const providers = capabilities.oauthProvidersOnOrganization ? 'OAuthProviders { id issuerUrl }' : '';
  const ofOrganization = capabilities.organizationOnEntity ? `organization { id name ${providers} }` : '';
  return {
    kind: 'query',
    name: 'ReadTeam',
    query: `query ReadTeam($name: String!) {
  entity(name: $name) {
    id name isTeam
    members { id name username email admin pending accountType ${role} ${clients} }
    ${ofOrganization}
  }
}`,
    data: z.object({ entity: entity.nullable() }),
    optionalPaths: ['entity.organization', 'entity.members.*.OAuthClients'],
    entryPaths: ['entity.members.*'],
    skippedIn: ({ entity }) => entity?.members.unusable.length ?? 0,
  };
}

/** Reads a team with its members. The value is undefined when no team of that name is visible to the API key. */
export async function readTeam(
  client: WandbClient,
  name: string,
  capabilities: TeamCapabilities,
  options?: CallOptions,
): Promise<WandbResult<WandbTeam | undefined>> {
  const result = await client.call(readTeamOperation(capabilities), { name }, options);
  if (!result.ok) {
    const { failure } = result;
    // Some servers return 404 for an unknown team. Without a message, the base URL is wrong.
    const isUnknown = failure.reason === 'not_found' && failure.messages.length > 0;
    return isUnknown ? { ok: true, value: undefined } : result;
  }
  const { entity } = result.value;
  // A personal entity isn't a team.
  if (entity === null || entity.isTeam === false) return { ok: true, value: undefined };
  const { id, name: ownName, members, organization } = entity;
  const unusableMembers =
    members.unusable.length > 0 ? members.unusable.map((one) => unusableMember.parse(one)) : undefined;
  const team = { id, name: ownName, members: members.entries, unusableMembers };
  return { ok: true, value: { ...team, organization: organization ?? undefined } };
}
