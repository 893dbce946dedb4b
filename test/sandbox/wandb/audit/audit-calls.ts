import type { Capabilities } from '../../../../src/sandbox/wandb/capabilities.ts';
import type { LocalWandbOptions } from '../../../../src/sandbox/wandb/local-wandb.ts';
import type { DrivenWandb } from '../../../driver/driven-wandb.ts';
import { basicOf } from '../scim/scim-calls.ts';
import { startWandb } from '../wandb-calls.ts';

export const startWithAuditLog = (
  capabilities: Partial<Capabilities> = {},
  options: LocalWandbOptions = {},
): Promise<DrivenWandb> => startWandb({ capabilities: { auditLog: 'on', ...capabilities }, ...options });

interface AuditCall {
  parameters?: Record<string, string>;
  /** Default: an organization admin; null sends none. */
  authorization?: string | null;
  path?: '/admin/audit_logs' | '/audit_logs';
}

export async function readAuditLog(wandb: DrivenWandb, call: AuditCall = {}) {
  const { parameters = { limit: '1000' }, path = '/admin/audit_logs' } = call;
  const { authorization = basicOf('cy', wandb.keyOf('cy')) } = call;
  const response = await fetch(`${wandb.baseUrl}${path}?${new URLSearchParams(parameters)}`, {
    headers: authorization === null ? {} : { authorization },
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return { status: response.status, text, json: isJson ? JSON.parse(text) : undefined };
}
