import type { AccountChanges } from '../account-changes.ts';
import type { OAuthClient, WandbState } from '../wandb-state.ts';

/** What an organization admin does in the settings of the organization and of its teams. */
export interface Federation {
  /** Sets the organization's only issuer. Accounts of an earlier one can no longer authenticate. */
  registerIssuer(issuerUrl: string): void;
  /** Adds an external service account to a team. A subject belongs to one account. */
  addAccount(account: { team: string; name: string; subject: string }): OAuthClient;
}

export function createFederation(state: WandbState, changes: AccountChanges): Federation {
  return {
    registerIssuer(issuerUrl) {
      state.removeProviders();
      state.addProvider(issuerUrl);
    },
    addAccount({ team: teamName, name, subject }) {
      const team = state.team(teamName);
      const [provider] = state.providers;
      if (!team || !provider) throw new Error(`${teamName} doesn't exist, or the organization has no issuer`);
      if (state.clients.some((client) => client.subject === subject)) throw new Error(`${subject} is taken`);
      const user = changes.createServiceAccount(team, name);
      return state.addClient({ subject, provider, team, user });
    },
  };
}
