import type { OrganizationSeed } from './organization-seed.ts';

/** The people of the Slack stand-in's Acme; W&B keeps addresses as they were typed, so letter case differs. */
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
