import type { WorkspaceSeed } from './workspace-seed.ts';

const ada = 'U0ADA00001';
const ben = 'U0BEN00002';
const cy = 'U0CYX00003';
const dee = 'U0DEE00004';
const everybody = [ada, ben, cy, dee];

/** The workspace that `npm start` opens and that tests use unless they bring their own. */
export const acmeWorkspace: WorkspaceSeed = {
  team: { id: 'T0ACME0001', name: 'Acme', domain: 'acme' },
  app: { id: 'A0KEYSM001', botId: 'B0KEYSM001', botUserId: 'U0KEYSM001' },
  people: [
    {
      id: ada,
      name: 'ada',
      realName: 'Ada Lindqvist',
      about: 'Admin of ml-platform',
      email: 'ada@acme.test',
    },
    { id: ben, name: 'ben', realName: 'Ben Okafor', about: 'Member of ml-platform', email: 'ben@acme.test' },
    {
      id: cy,
      name: 'cy',
      realName: 'Cy Marchetti',
      about: 'Organization admin',
      email: 'cy@acme.test',
      workspaceRole: 'owner',
    },
    { id: dee, name: 'dee', realName: 'Dee Tanaka', about: 'In no team', email: 'dee@acme.test' },
  ],
  conversations: [
    { id: 'C0MLPLAT01', name: 'ml-platform', kind: 'public', members: everybody, hasApp: true },
    { id: 'C0RANDOM01', name: 'random', kind: 'public', members: everybody },
    { id: 'C0SECRET01', name: 'ml-secrets', kind: 'private', members: [ada, ben, cy] },
    { id: 'D0ADABEN01', kind: 'person_dm', members: [ada, ben] },
  ],
};
