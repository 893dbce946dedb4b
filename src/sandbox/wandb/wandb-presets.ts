import type { Capabilities } from './capabilities.ts';

/** Versions of W&B's server between which something changed that a client of accounts and keys can see. */
export type WandbVersion =
  | '0.74'
  | '0.76'
  | '0.77'
  | '0.78'
  | '0.79'
  | '0.80'
  | '0.81'
  | '0.82'
  | '0.83'
  | '0.84';

type Preset = Partial<Capabilities>;

const from074: Preset = { hasScim: true, auditLog: 'lines' };
/** Keys are shown once, in W&B's own pages, and belong to no list that GraphQL returns. */
const from077: Preset = {
  ...from074,
  showsServiceAccountKeys: false,
  keepsKeysOfDeleted: true,
  keyFormat: 'wandb_v1',
};
const from079: Preset = { ...from077, createsKeyWithAccount: false, scimTakesBearer: true };
const from080: Preset = { ...from079, gatesAdminPrivileges: true, introspection: 'http_400' };
const from081: Preset = {
  ...from080,
  scimEmails: 'array',
  scimServiceAccounts: true,
  introspection: 'errors',
};
const from083: Preset = { ...from081, auditLog: 'on', introspection: 'null' };
const from084: Preset = { ...from083, scimShowsRoles: true, introspection: 'errors' };

/**
 * What servers of each version can do. W&B documents when keys, SCIM and its two spellings changed; when and how introspection is
 * refused, headers are checked, the audit log got pages and roles are shown differs or isn't documented, so each way occurs once.
 */
export const wandbPresets: Record<WandbVersion, Preset> = {
  '0.74': { ...from074, version: '0.74.2' },
  '0.76': { ...from074, version: '0.76.1' },
  '0.77': { ...from077, version: '0.77.0' },
  '0.78': { ...from077, version: '0.78.1' },
  '0.79': { ...from079, version: '0.79.2' },
  '0.80': { ...from080, version: '0.80.0' },
  '0.81': { ...from081, version: '0.81.0' },
  '0.82': { ...from081, version: '0.82.1' },
  '0.83': { ...from083, version: '0.83.0' },
  '0.84': { ...from084, version: '0.84.0' },
};
