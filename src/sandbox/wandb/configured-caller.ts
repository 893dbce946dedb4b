import type { WandbState, WandbUser } from './wandb-state.ts';

/** Whose key the app has: an admin of the organization, or who is in some teams only. */
export type ConfiguredCaller =
  | 'organization_admin'
  | { adminOf?: readonly string[]; memberOf?: readonly string[] };

export interface CallerAccount {
  user: WandbUser;
  apiKey: string;
  /** From now on; the key stays. */
  become(caller: ConfiguredCaller): void;
}

/** The person as whom the app calls: `keysmith`, beside those of the seed. */
export function addConfiguredCaller(
  state: WandbState,
  { caller, apiKey }: { caller: ConfiguredCaller; apiKey: string | undefined },
): CallerAccount {
  const email = `keysmith@${state.organization.name}.test`;
  const user = state.addPerson({ username: 'keysmith', name: 'Keysmith', email });
  const account: CallerAccount = {
    user,
    apiKey: state.addKey(user, 'Keysmith', apiKey).secret,
    become(become) {
      const isAdmin = become === 'organization_admin';
      const { adminOf = [], memberOf = [] } = isAdmin ? {} : become;
      user.admin = isAdmin;
      for (const team of state.teams) {
        state.removeMember(team, user);
        const role = adminOf.includes(team.name) ? 'admin' : 'member';
        const isIn = role === 'admin' || memberOf.includes(team.name);
        if (isIn) team.memberships.unshift({ user, role, pending: false });
      }
    },
  };
  account.become(caller);
  return account;
}
