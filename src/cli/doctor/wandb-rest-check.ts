import {
  type AuditLogClient,
  auditLogDay,
  createAuditLogClient,
} from '../../backends/wandb/audit-log/audit-log-client.ts';
import type { WandbViewer } from '../../backends/wandb/client/queries/read-viewer.ts';
import type { CallOptions } from '../../backends/wandb/client/wandb-client.ts';
import type { RestClientDependencies } from '../../backends/wandb/rest/rest-client.ts';
import type { ScimAvailability } from '../../backends/wandb/scim/availability.ts';
import { createScimClient } from '../../backends/wandb/scim/scim-client.ts';
import type { Finding } from './finding.ts';
import { wandbFailureFinding } from './wandb-failure-finding.ts';

/**
 * Checks whether the credential may use SCIM and the audit log, by reading only. SCIM is open only to those who manage the whole
 * organization.
 */
export async function checkRestApis(
  dependencies: RestClientDependencies,
  { viewer, followsAuditLog }: { viewer: WandbViewer; followsAuditLog: boolean },
  call: CallOptions,
): Promise<{ findings: Finding[]; managesOrganization: boolean }> {
  const server = { ...dependencies, readUsername: async () => viewer.username };
  const [scim, auditLog] = await Promise.all([
    createScimClient(server).availability(call),
    auditLogFinding(createAuditLogClient(server), { nowMs: dependencies.now(), followsAuditLog }, call),
  ]);
  if (!scim.ok) {
    const failed = { ...wandbFailureFinding(scim.failure), subject: 'W&B, SCIM' };
    return { findings: [failed, auditLog], managesOrganization: false };
  }
  const findings = [kindFinding(viewer, scim.value), scimFinding(scim.value), auditLog];
  return { findings, managesOrganization: scim.value === 'available' };
}

/** Only service accounts have no email address, and SCIM is closed to those of a team. */
function kindFinding({ email }: WandbViewer, scim: ScimAvailability): Finding {
  const subject = 'W&B credential, kind';
  const remedy = 'Create an organization service account in W&B, and set WANDB_API_KEY to its key.';
  if (email !== undefined) {
    const text =
      'a person’s API key: it may have more access than Keysmith needs, and stops working when that person leaves';
    return { mark: 'warning', subject, text, remedy };
  }
  if (scim !== 'not_allowed') return { mark: 'ok', subject, text: 'a service account’s API key' };
  const text = 'the API key of a team service account';
  return { mark: 'warning', subject, text, remedy };
}

function scimFinding(availability: ScimAvailability): Finding {
  const subject = 'W&B, SCIM';
  switch (availability) {
    case 'available':
      return { mark: 'ok', subject, text: 'Keysmith reads people, deactivations and all teams through it' };
    case 'not_allowed':
      return {
        mark: 'warning',
        subject,
        text: 'this credential isn’t allowed to use it, so Keysmith can’t see who is deactivated or list all teams',
        remedy: 'Use the API key of an organization service account or of an organization admin.',
      };
    case 'absent':
      return {
        mark: 'warning',
        subject,
        text: 'the server doesn’t have it, so Keysmith can’t see who is deactivated or list all teams',
        remedy: 'Update the server and check its license. A proxy in front of it must forward /scim/.',
      };
  }
}

async function auditLogFinding(
  auditLog: AuditLogClient,
  { nowMs, followsAuditLog }: { nowMs: number; followsAuditLog: boolean },
  call: CallOptions,
): Promise<Finding> {
  const subject = 'W&B, audit log';
  const read = await auditLog.read({ day: auditLogDay(nowMs) }, { ...call, limit: 1 });
  if (read.ok) {
    const use = followsAuditLog ? 'followed' : 'not followed: KEYSMITH_WANDB_AUDIT_LOG is off';
    return { mark: 'ok', subject, text: `readable, ${use}` };
  }
  switch (read.failure.reason) {
    case 'unauthorized':
    case 'forbidden':
      return {
        mark: 'warning',
        subject,
        text: 'this credential isn’t allowed to read it',
        remedy: 'To let Keysmith watch it, allow the owner of the key to read audit logs in W&B.',
      };
    case 'not_found':
    case 'not_json':
    case 'redirected':
      return {
        subject,
        text: 'the server doesn’t have it (it needs an Enterprise license)',
        ...(followsAuditLog
          ? { mark: 'warning', remedy: 'Set KEYSMITH_WANDB_AUDIT_LOG=off, or check the server’s license.' }
          : { mark: 'ok' }),
      };
    default:
      return { ...wandbFailureFinding(read.failure), mark: 'warning', subject };
  }
}
