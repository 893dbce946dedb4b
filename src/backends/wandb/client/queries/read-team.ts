import { z } from 'zod';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbOperation, WandbResult } from '../wandb-failure.ts';
import type { WandbCapabilities } from './read-server-info.ts';

/** Text that a server may leave out or answer as null. */
export const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined);

/** A person or a service account in a team. Its API key is never asked for here. */
interface WandbMember {
  id: string;
  /** Of a service account: what it was named when it was made. */
  name: string | undefined;
  username: string | undefined;
  email: string | undefined;
  admin: boolean;
  /** Invited, not yet joined; also true where the server does not say. */
  pending: boolean;
  /** As the server writes it; undefined on servers without roles. */
  role: string | undefined;
  /** `USER`, `SERVICE`, `VIEWER`, `ANONYMOUS`, or what a server makes of it. */
  accountType: string | undefined;
  /** Of an external service account; undefined where the server has none, or does not show them to this key. */
  oauthClients: { id: string; subject: string | undefined }[] | undefined;
}

export interface WandbTeam {
  id: string;
  /** As the server writes it: it may be another one than was asked for. */
  name: string;
  members: WandbMember[];
  organization: WandbOrganization | undefined;
}

interface WandbOrganization {
  id: string;
  name: string;
  /** The registered JWT issuers; undefined where the server has none, or does not show them to this key. */
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
    OAuthClients: z.array(z.object({ id, subject: optionalText })).nullish(),
  })
  .transform(
    ({ OAuthClients, role, ...rest }): WandbMember => ({
      ...rest,
      role,
      oauthClients: OAuthClients ?? undefined,
    }),
  );

const organization = z
  .object({
    id,
    name: z.string(),
    OAuthProviders: z.array(z.object({ id, issuerUrl: z.string() })).nullish(),
  })
  .transform(
    ({ OAuthProviders, ...rest }): WandbOrganization => ({
      ...rest,
      oauthProviders: OAuthProviders ?? undefined,
    }),
  );

const entity = z.object({
  id,
  name: z.string().min(1),
  isTeam: z.boolean().nullish(),
  members: z.array(member),
  organization: organization.nullish(),
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
  };
}

/** Reads a team with its members; undefined where there is none of that name that the key may see. */
export async function readTeam(
  client: WandbClient,
  name: string,
  capabilities: TeamCapabilities,
  options?: CallOptions,
): Promise<WandbResult<WandbTeam | undefined>> {
  const result = await client.call(readTeamOperation(capabilities), { name }, options);
  if (!result.ok) {
    const { failure } = result;
    // Some servers say with the status that they know no such team; without words it is the base URL that is wrong.
    const isUnknown = failure.reason === 'not_found' && failure.messages.length > 0;
    return isUnknown ? { ok: true, value: undefined } : result;
  }
  const { entity } = result.value;
  // A person's own entity is no team.
  if (entity === null || entity.isTeam === false) return { ok: true, value: undefined };
  const { isTeam: _, organization, ...team } = entity;
  return { ok: true, value: { ...team, organization: organization ?? undefined } };
}
