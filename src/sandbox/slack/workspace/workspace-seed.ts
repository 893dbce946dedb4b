/** The initial workspace. IDs have Slack's shape: a letter and 8 to 10 capital alphanumerics. */
export interface WorkspaceSeed {
  team: {
    id: string;
    name: string;
    domain: string;
    enterprise?: { id: string; name: string };
  };
  app: {
    id: string;
    botId: string;
    botUserId: string;
    /** `features.app_home.messages_tab_enabled` of the manifest; default true. */
    messagesTabEnabled?: boolean;
  };
  people: PersonSeed[];
  /** People without a direct message with the app get one. */
  conversations: ConversationSeed[];
}

export interface PersonSeed {
  id: string;
  /** The handle, in lowercase: `ada`. */
  name: string;
  realName: string;
  /** One line for the person picker. */
  about?: string;
  /** Absent: the profile has no email address. */
  email?: string;
  /** Default true; `'omitted'` leaves `is_email_confirmed` out, as some workspaces do. */
  emailConfirmed?: boolean | 'omitted';
  bot?: boolean;
  deactivated?: boolean;
  /** `multi_channel` sets `is_restricted`; `single_channel` sets `is_ultra_restricted` as well. */
  guest?: 'multi_channel' | 'single_channel';
  /** A person from another workspace, through Slack Connect (`is_stranger`). */
  stranger?: boolean;
  /** Default: the ID of the seed's team. */
  teamId?: string;
  enterpriseId?: string;
  workspaceRole?: 'member' | 'admin' | 'owner';
}

export interface ConversationSeed {
  id: string;
  /** Without `#`; channels only. */
  name?: string;
  kind: 'public' | 'private' | 'app_dm' | 'person_dm';
  /** User IDs of people; `hasApp` says whether the app is a member. */
  members: string[];
  hasApp?: boolean;
  archived?: boolean;
}

const ada = 'U0ADA00001';
const ben = 'U0BEN00002';
const cy = 'U0CYX00003';
const dee = 'U0DEE00004';
const everyone = [ada, ben, cy, dee];

/** The default workspace. */
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
    { id: dee, name: 'dee', realName: 'Dee Tanaka', about: 'Not in any team', email: 'dee@acme.test' },
  ],
  conversations: [
    { id: 'C0MLPLAT01', name: 'ml-platform', kind: 'public', members: everyone, hasApp: true },
    { id: 'C0RANDOM01', name: 'random', kind: 'public', members: everyone },
    { id: 'C0SECRET01', name: 'ml-secrets', kind: 'private', members: [ada, ben, cy] },
    { id: 'D0ADABEN01', kind: 'person_dm', members: [ada, ben] },
  ],
};

const eve = 'U0EVE00005';
const fay = 'U0FAY00006';
const gus = 'U0GUS00007';
const hal = 'U0HAL00008';

/** The workspace of `npm start`: Acme with more people, among them a guest and a person from another company. */
export const sandboxWorkspace: WorkspaceSeed = {
  ...acmeWorkspace,
  people: [
    ...acmeWorkspace.people,
    {
      id: eve,
      name: 'eve',
      realName: 'Eve Adeyemi',
      about: 'Admin of both teams',
      email: 'eve@acme.test',
    },
    { id: fay, name: 'fay', realName: 'Fay Novak', about: 'Member of ml-platform', email: 'fay@acme.test' },
    {
      id: gus,
      name: 'gus',
      realName: 'Gus Pereira',
      about: 'Guest',
      email: 'gus@contractor.test',
      guest: 'multi_channel',
    },
    {
      id: hal,
      name: 'hal',
      realName: 'Hal Brandt',
      about: 'From Globex, through Slack Connect',
      email: 'hal@globex.test',
      stranger: true,
      teamId: 'T0GLOBEX01',
    },
  ],
  conversations: acmeWorkspace.conversations.map((conversation) => {
    if (conversation.kind !== 'public') return conversation;
    const { members, name } = conversation;
    const guests = name === 'random' ? [] : [gus, hal];
    return { ...conversation, members: [...members, eve, fay, ...guests] };
  }),
};
