import type { Capabilities } from '../../../../src/sandbox/wandb/capabilities.ts';
import type { LocalWandbOptions } from '../../../../src/sandbox/wandb/local-wandb.ts';
import type { DrivenWandb } from '../../../driver/driven-wandb.ts';
import { startWandb } from '../wandb-calls.ts';

/** Starts a local W&B with the SCIM of newer servers. */
export const startWithScim = (
  capabilities: Partial<Capabilities> = {},
  options: LocalWandbOptions = {},
): Promise<DrivenWandb> =>
  startWandb({
    caller: 'organization_service_account',
    capabilities: {
      hasScim: true,
      scimTakesBearer: true,
      scimEmails: 'array',
      scimServiceAccounts: true,
      ...capabilities,
    },
    ...options,
  });

export interface ScimOptions {
  method?: 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  filter?: string;
  /** Default: the app's own key, which belongs to an organization service account; null sends none. */
  authorization?: string | null;
}

export const basicOf = (username: string, key: string) =>
  `Basic ${Buffer.from(`${username}:${key}`).toString('base64')}`;

/** Calls `/scim/<path>`. */
export async function scim(wandb: DrivenWandb, path: string, options: ScimOptions = {}) {
  const { method = 'GET', body, filter, authorization = basicOf('', wandb.apiKey) } = options;
  const query = filter === undefined ? '' : `?${new URLSearchParams({ filter })}`;
  const response = await fetch(`${wandb.baseUrl}/scim/${path}${query}`, {
    method,
    headers: {
      'content-type': 'application/scim+json',
      ...(authorization !== null && { authorization }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
}

/** The body that creates a service account. */
export const newAccount = (
  userName: string,
  { accountType = 'SERVICE', defaultTeam = 'ml-platform', ...more }: Record<string, unknown> = {},
) => ({
  schemas: [
    'urn:ietf:params:scim:schemas:core:2.0:User',
    'urn:ietf:params:scim:schemas:extension:teams:2.0:User',
  ],
  userName,
  accountType,
  'urn:ietf:params:scim:schemas:extension:teams:2.0:User': { defaultTeam },
  ...more,
});

export const scimErrorBody = (status: number, detail: string) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  detail,
  status: String(status),
});
