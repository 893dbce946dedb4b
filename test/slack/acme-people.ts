import {
  acmeWorkspace,
  type PersonSeed,
  type WorkspaceSeed,
} from '../../src/sandbox/slack/workspace/workspace-seed.ts';

export const ADA = 'U0ADA00001';
export const BEN = 'U0BEN00002';
export const CY = 'U0CYX00003';
export const DEE = 'U0DEE00004';

/** Returns the Acme workspace with more people, all in its public channels. */
export function acmeWith(
  people: (Omit<PersonSeed, 'realName'> & { realName?: string })[],
  team: Partial<WorkspaceSeed['team']> = {},
): WorkspaceSeed {
  const added = people.map((person) => ({ realName: person.name, ...person }));
  return {
    ...acmeWorkspace,
    team: { ...acmeWorkspace.team, ...team },
    people: [...acmeWorkspace.people, ...added],
    conversations: acmeWorkspace.conversations.map((conversation) =>
      conversation.kind === 'public'
        ? { ...conversation, members: [...conversation.members, ...added.map(({ id }) => id)] }
        : conversation,
    ),
  };
}
