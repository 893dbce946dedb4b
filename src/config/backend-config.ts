import { resolve } from 'node:path';
import { z } from 'zod';
import type { BuiltinBackendConfig, WandbBackendConfig } from './configuration.ts';
import { wandbBaseUrl, wandbMovedFrom } from './server-urls.ts';
import type { SettingReader } from './setting-reader.ts';
import {
  allowInsecureIssuers,
  backendKind,
  emailAddresses,
  organizationName,
  wandbApiKey,
  wandbAuditLog,
} from './setting-schemas.ts';
import type { SettingName } from './settings.ts';
import { readTeamsFile } from './teams-file/read-teams-file.ts';
import type { TeamsFile, TeamsFileOptions, TeamsFileProblem } from './teams-file/teams-file.ts';

export interface OrganizationConfig {
  backend: BuiltinBackendConfig | WandbBackendConfig;
  organizationName: string;
  organizationAdmins: string[];
}

/** Returns whether accounts live on a W&B server. */
export function usesWandb(reader: SettingReader): boolean {
  const chosen = reader.optional('KEYSMITH_BACKEND', backendKind);
  if (chosen !== undefined) return chosen === 'wandb';
  const isServerSet = reader.isSet('WANDB_BASE_URL') && reader.isSet('WANDB_API_KEY');
  return isServerSet && !reader.isSet('KEYSMITH_UPSTREAM_URL');
}

/** Reads where accounts live, and the organization's name and admins. Returns undefined if it added a problem. */
export function readOrganizationConfig(
  reader: SettingReader,
  own: { cwd: string; publicUrl: string | undefined },
): OrganizationConfig | undefined {
  const backend = usesWandb(reader) ? readWandbBackend(reader, own) : readBuiltinBackend(reader, own);
  if (!usesWandb(reader)) warnOfIgnoredWandb(reader);
  const name = readOrganizationName(reader, backend);
  const admins = reader.optional('KEYSMITH_ORGANIZATION_ADMINS', emailAddresses) ?? [];
  if (!backend || !name) return undefined;
  const teamsFileAdmins = backend.kind === 'builtin' ? backend.teams.organization.admins : [];
  return {
    backend,
    organizationName: name,
    organizationAdmins: [...new Set([...teamsFileAdmins, ...admins])],
  };
}

function readWandbBackend(reader: SettingReader, { cwd }: { cwd: string }): WandbBackendConfig | undefined {
  const baseUrl = reader.required(
    'WANDB_BASE_URL',
    wandbBaseUrl,
    'Missing: the URL of the W&B server that WANDB_API_KEY is for (W&B’s cloud: https://api.wandb.ai). For the built-in backend, set KEYSMITH_BACKEND=builtin.',
  );
  const apiKey = reader.required(
    'WANDB_API_KEY',
    wandbApiKey,
    'Missing: an admin’s API key for the server at WANDB_BASE_URL. For the built-in backend, set KEYSMITH_BACKEND=builtin.',
  );
  const movedFrom = reader.optional('KEYSMITH_WANDB_MOVED_FROM', wandbMovedFrom);
  const followsAuditLog = reader.optional('KEYSMITH_WANDB_AUDIT_LOG', wandbAuditLog) === 'on';
  const file = readSetTeamsFile(reader, cwd, { isOnServer: true });
  const policies = file && { organization: file.teams.organization.policy ?? {}, teams: file.teams.teams };
  return baseUrl && apiKey
    ? { kind: 'wandb', baseUrl, apiKey, movedFrom, followsAuditLog, policies }
    : undefined;
}

const wandbSettings = [
  'WANDB_BASE_URL',
  'WANDB_API_KEY',
  'KEYSMITH_WANDB_MOVED_FROM',
  'KEYSMITH_WANDB_AUDIT_LOG',
] as const satisfies readonly SettingName[];

/** Other programs on the machine may use the variables of the W&B SDK. */
function warnOfIgnoredWandb(reader: SettingReader): void {
  const reason = ignoredWandbText(reader);
  for (const name of wandbSettings) if (reader.isSet(name)) reader.warning(name, reason);
}

function ignoredWandbText(reader: SettingReader): string {
  if (reader.isSet('KEYSMITH_UPSTREAM_URL')) {
    return 'Ignored: workloads are forwarded to KEYSMITH_UPSTREAM_URL. "npm run keysmith -- upstream add TEAM" stores a team’s key.';
  }
  if (reader.isSet('KEYSMITH_BACKEND')) return 'Ignored: accounts live in Keysmith (KEYSMITH_BACKEND).';
  return 'Ignored: accounts live in Keysmith. To use a W&B server as the backend, set both WANDB_BASE_URL and WANDB_API_KEY.';
}

function readBuiltinBackend(
  reader: SettingReader,
  { cwd, publicUrl }: { cwd: string; publicUrl: string | undefined },
): BuiltinBackendConfig | undefined {
  const isNamed = reader.isSet('KEYSMITH_ORGANIZATION') && reader.isSet('KEYSMITH_ORGANIZATION_ADMINS');
  if (!reader.isSet('KEYSMITH_TEAMS_FILE') && isNamed) {
    return { kind: 'builtin', teams: NO_TEAMS, isWithoutFile: true };
  }
  reader.required('KEYSMITH_TEAMS_FILE', z.string(), missingTeamsFileText(reader));
  const isInsecure = reader.optional('KEYSMITH_ALLOW_INSECURE_ISSUERS', allowInsecureIssuers);
  const file = readSetTeamsFile(reader, cwd, {
    allowInsecureIssuers: isInsecure ?? false,
    ownUrl: publicUrl,
  });
  return file && { kind: 'builtin', ...file };
}

const NO_TEAMS: TeamsFile = { organization: { admins: [] }, issuers: [], teams: [] };

/** Reads the teams file if one is set. Returns undefined if there is none, or if it added a problem. */
function readSetTeamsFile(
  reader: SettingReader,
  cwd: string,
  options: TeamsFileOptions,
): { teams: TeamsFile; teamLines: ReadonlyMap<string, number> } | undefined {
  const setting = reader.optional('KEYSMITH_TEAMS_FILE', z.string());
  if (setting === undefined) return undefined;
  const path = resolve(cwd, setting);
  const result = readTeamsFile(path, path, options);
  if (result.ok) {
    for (const warning of result.warnings) reader.warning('KEYSMITH_TEAMS_FILE', placedText(warning));
    return { teams: result.teamsFile, teamLines: result.teamLines };
  }
  for (const problem of result.problems) reader.problem('KEYSMITH_TEAMS_FILE', placedText(problem));
  return undefined;
}

/** Half of the settings of a W&B server don't select it, which looks like a missing teams file. */
function missingTeamsFileText(reader: SettingReader): string {
  const isFirstSet = reader.isSet('WANDB_BASE_URL');
  const hasHalf = isFirstSet !== reader.isSet('WANDB_API_KEY') && !reader.isSet('KEYSMITH_BACKEND');
  const hint = hasHalf
    ? ` To use a W&B server as the backend instead, set ${isFirstSet ? 'WANDB_API_KEY' : 'WANDB_BASE_URL'} too.`
    : '';
  return `Missing: the file with the teams, their members and roles. "npm run keysmith -- init" writes an example. To create teams in Slack instead, set KEYSMITH_ORGANIZATION and KEYSMITH_ORGANIZATION_ADMINS.${hint}`;
}

function placedText({ line, column, path, message }: TeamsFileProblem): string {
  return `Line ${line}, column ${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

function readOrganizationName(
  reader: SettingReader,
  backend: OrganizationConfig['backend'] | undefined,
): string | undefined {
  if (usesWandb(reader)) {
    return reader.required(
      'KEYSMITH_ORGANIZATION',
      organizationName,
      'Missing: the name of the W&B organization, exactly as on the server.',
    );
  }
  const set = reader.optional('KEYSMITH_ORGANIZATION', organizationName);
  // The teams file had problems, and might name it.
  if (backend?.kind !== 'builtin') return set;
  const inTeamsFile = backend.teams.organization.name;
  if (set !== undefined && inTeamsFile !== undefined && set !== inTeamsFile) {
    reader.problem(
      'KEYSMITH_ORGANIZATION',
      'The teams file names a different organization. Use the same name, or set it only once.',
    );
    return undefined;
  }
  if (inTeamsFile === undefined && !reader.isSet('KEYSMITH_ORGANIZATION')) {
    reader.problem(
      'KEYSMITH_ORGANIZATION',
      'Missing: the name of the W&B organization. Set it here or in the teams file.',
    );
  }
  return set ?? inTeamsFile;
}
