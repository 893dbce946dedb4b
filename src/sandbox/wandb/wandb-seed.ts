/** The initial data of the local W&B server. */
export interface OrganizationSeed {
  name: string;
  /** The URLs of the JWT issuers, each of which becomes an OAuth provider. */
  issuers: string[];
  people: WandbPersonSeed[];
  teams: WandbTeamSeed[];
}

export interface WandbPersonSeed {
  username: string;
  name: string;
  email: string;
  /** `viewer.admin`: an admin of the organization and of the instance. */
  admin?: boolean;
  /** Default `USER`; `VIEWER` has a view-only seat. */
  accountType?: 'USER' | 'VIEWER';
}

interface WandbTeamSeed {
  name: string;
  members: { username: string; role: TeamRole; pending?: boolean }[];
}

/** A view-only member is a `viewer` on the wire. */
export type TeamRole = 'admin' | 'member' | 'viewer';

/**
 * The people of the local Slack's Acme. The letter case of some email addresses differs, because W&B keeps addresses as
 * people typed them.
 */
export const acmeOrganization: OrganizationSeed = {
  name: 'acme',
  issuers: ['https://token.actions.githubusercontent.com', 'https://gitlab.acme.test'],
  people: [
    { username: 'ada', name: 'Ada Lindqvist', email: 'Ada@acme.test' },
    { username: 'benj', name: 'Ben Okafor', email: 'ben@Acme.test' },
    { username: 'cy', name: 'Cy Marchetti', email: 'CY@acme.test', admin: true },
    { username: 'dee', name: 'Dee Tanaka', email: 'dee@acme.test' },
    { username: 'eve', name: 'Eve Adeyemi', email: 'eve@acme.test' },
  ],
  teams: [
    {
      name: 'ml-platform',
      members: [
        { username: 'ada', role: 'admin' },
        { username: 'benj', role: 'member' },
      ],
    },
    { name: 'research', members: [{ username: 'eve', role: 'admin' }] },
  ],
};

/** The organization of `npm start`. */
export const sandboxOrganization: OrganizationSeed = {
  ...acmeOrganization,
  people: [...acmeOrganization.people, { username: 'fay', name: 'Fay Novak', email: 'fay@acme.test' }],
  teams: acmeOrganization.teams.map(({ name, members }) => ({
    name,
    members:
      name === 'ml-platform'
        ? [...members, { username: 'eve', role: 'admin' }, { username: 'fay', role: 'member' }]
        : members,
  })),
};
