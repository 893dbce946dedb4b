/** What a workspace of the sandbox starts with. IDs have Slack's shapes: a letter and 8 to 10 capital alphanumerics. */
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
  /** A direct message with the app is added for every person who has none here. */
  conversations: ConversationSeed[];
}

export interface PersonSeed {
  id: string;
  /** The handle, lower-case: `ada`. */
  name: string;
  realName: string;
  /** One line for the person picker. */
  about?: string;
  /** Absent: the profile has no e-mail address. */
  email?: string;
  /** Default true; `'omitted'` leaves `is_email_confirmed` out, as some workspaces do. */
  emailConfirmed?: boolean | 'omitted';
  bot?: boolean;
  deactivated?: boolean;
  /** `multi_channel`: `is_restricted`; `single_channel`: `is_ultra_restricted` as well. */
  guest?: 'multi_channel' | 'single_channel';
  /** A person of another workspace who comes through Slack Connect (`is_stranger`). */
  stranger?: boolean;
  /** Another workspace than the seed's own. */
  teamId?: string;
  enterpriseId?: string;
  workspaceRole?: 'member' | 'admin' | 'owner';
}

export interface ConversationSeed {
  id: string;
  /** Without `#`; channels only. */
  name?: string;
  kind: 'public' | 'private' | 'app_dm' | 'person_dm';
  /** User IDs of people; the app's membership is `hasApp`. */
  members: string[];
  hasApp?: boolean;
  archived?: boolean;
}
