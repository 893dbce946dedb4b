import { resolve } from 'node:path';
import { z } from 'zod';
import type { BuiltinBackendConfig, WandbBackendConfig } from './configuration.ts';
import type { SettingReader } from './setting-reader.ts';
import {
  allowInsecureIssuers,
  emailAddresses,
  organizationName,
  wandbApiKey,
  wandbBaseUrl,
  wandbMovedFrom,
} from './setting-schemas.ts';
import { readTeamsFile } from './teams-file/read-teams-file.ts';

export interface OrganizationConfig {
  backend: BuiltinBackendConfig | WandbBackendConfig;
  organizationName: string;
  organizationAdmins: string[];
}

/** Either name asks for the W&B server: with one alone the other one is missing. */
export function asksForWandb(reader: SettingReader): boolean {
  return reader.isSet('WANDB_BASE_URL') || reader.isSet('WANDB_API_KEY');
}

/** Where accounts live and who is who. Undefined after at least one problem was noted. */
export function readOrganizationConfig(reader: SettingReader, cwd: string): OrganizationConfig | undefined {
  const backend = asksForWandb(reader) ? readWandbBackend(reader) : readBuiltinBackend(reader, cwd);
  const name = readOrganizationName(reader, backend);
  const admins = reader.optional('KEYSMITH_ORGANIZATION_ADMINS', emailAddresses) ?? [];
  if (!backend || !name) return undefined;
  const ofTeamsFile = backend.kind === 'builtin' ? backend.teams.organization.admins : [];
  return { backend, organizationName: name, organizationAdmins: [...new Set([...ofTeamsFile, ...admins])] };
}

function readWandbBackend(reader: SettingReader): WandbBackendConfig | undefined {
  const baseUrl = reader.required(
    'WANDB_BASE_URL',
    wandbBaseUrl,
    'Missing: the address of the W&B server that WANDB_API_KEY is for (W&B’s own cloud: https://api.wandb.ai). For the built-in backend unset WANDB_API_KEY.',
  );
  const apiKey = reader.required(
    'WANDB_API_KEY',
    wandbApiKey,
    'Missing: an API key for the server of WANDB_BASE_URL, of an admin there. For the built-in backend unset WANDB_BASE_URL.',
  );
  const movedFrom = reader.optional('KEYSMITH_WANDB_MOVED_FROM', wandbMovedFrom);
  if (reader.isSet('KEYSMITH_TEAMS_FILE')) {
    reader.problem(
      'KEYSMITH_TEAMS_FILE',
      'Unset it: with a W&B server, teams, members and roles come from that server. (For the built-in backend unset WANDB_BASE_URL and WANDB_API_KEY instead.)',
    );
  }
  return baseUrl && apiKey ? { kind: 'wandb', baseUrl, apiKey, movedFrom } : undefined;
}

function readBuiltinBackend(reader: SettingReader, cwd: string): BuiltinBackendConfig | undefined {
  const setting = reader.required(
    'KEYSMITH_TEAMS_FILE',
    z.string(),
    'Missing: the file that names teams, members and roles. "npm run keysmith -- init" writes an example.',
  );
  if (setting === undefined) return undefined;
  const path = resolve(cwd, setting);
  const isInsecure = reader.optional('KEYSMITH_ALLOW_INSECURE_ISSUERS', allowInsecureIssuers);
  const result = readTeamsFile(path, path, { allowInsecureIssuers: isInsecure ?? false });
  if (result.ok) return { kind: 'builtin', teams: result.teamsFile };
  for (const problem of result.problems) {
    const place = problem.path === '' ? '' : `${problem.path}: `;
    reader.problem(
      'KEYSMITH_TEAMS_FILE',
      `Line ${problem.line}, column ${problem.column}: ${place}${problem.message}`,
    );
  }
  return undefined;
}

function readOrganizationName(
  reader: SettingReader,
  backend: OrganizationConfig['backend'] | undefined,
): string | undefined {
  if (asksForWandb(reader)) {
    return reader.required(
      'KEYSMITH_ORGANIZATION',
      organizationName,
      'Missing: the name of the W&B organization, as the server writes it.',
    );
  }
  const set = reader.optional('KEYSMITH_ORGANIZATION', organizationName);
  // Whether a teams file that can't be read names it, nobody knows.
  if (backend?.kind !== 'builtin') return set;
  const stated = backend.teams.organization.name;
  if (set !== undefined && stated !== undefined && set !== stated) {
    reader.problem(
      'KEYSMITH_ORGANIZATION',
      'The teams file names another organization: make both the same, or state it once.',
    );
    return undefined;
  }
  if (stated === undefined && !reader.isSet('KEYSMITH_ORGANIZATION')) {
    reader.problem(
      'KEYSMITH_ORGANIZATION',
      'Missing: the name of the W&B organization. State it here or in the teams file.',
    );
  }
  return set ?? stated;
}
