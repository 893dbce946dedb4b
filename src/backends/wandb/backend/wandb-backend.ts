import type { Logger } from 'pino';
import type { Backend } from '../../../application/ports/backend.ts';
import type { Store } from '../../../application/ports/store.ts';
import { createCachedCapabilities } from '../client/queries/read-capabilities.ts';
import type { WandbClient } from '../client/wandb-client.ts';
import { createRecentReads } from '../recent-reads.ts';
import { createAccount } from './create-account.ts';
import { issueCollectedKey } from './issue-collected-key.ts';
import { listAccounts } from './list-accounts.ts';
import {
  adminsOf,
  createPeopleTeams,
  type PeopleTeams,
  readIssuers,
  roleIn,
  teamOf,
} from './people-teams.ts';
import { revokeAccount } from './revoke-account.ts';
import { settleDelivery } from './settle-delivery.ts';
import { checkForLateEffect, settleOperation } from './settle-operation.ts';
import { createTeamDirectory, RECENT } from './team-directory.ts';
import { readFeatures, type WandbContext } from './wandb-context.ts';

export interface WandbBackendDependencies {
  client: WandbClient;
  store: Store;
  /** As the server names it: teams of another are not this organization's. */
  organizationName: string;
  /** E-mail addresses from the settings, lower case. */
  organizationAdmins: readonly string[];
  /** Where people open the server. */
  baseUrl: string;
  now: () => number;
  newId: (prefix: string) => string;
  logger: Logger;
}

/** More than an answer can need: whether a name is ambiguous shows long before. */
const NAMESAKES = 100;

/** A W&B server: its teams and their roles count, its accounts and keys are the real ones; Keysmith keeps what it knows beside. */
export function createWandbBackend(dependencies: WandbBackendDependencies): Backend {
  const { client, now, baseUrl } = dependencies;
  const capabilities = createCachedCapabilities({ client, now });
  const teams = createTeamDirectory({ ...dependencies, capabilities });
  const context: WandbContext = { ...dependencies, capabilities, teams };
  const people = createPeopleTeams(context);
  // May be a minute old: several asks of one form, and of many people, are one call.
  const readIssuersOnce = createRecentReads({ ...RECENT, now, read: () => readIssuers(context, people) });
  const issuers = () => readIssuersOnce.get('issuers');
  return {
    ...peopleMethods(context, people),
    ...accountMethods(context, people),
    issuers,
    features: () => readFeatures(context, issuers),
    administeredIn: 'wandb',
    teamPage: (teamName) => `${baseUrl.replace(/\/+$/, '')}/${encodeURIComponent(teamName)}/service-accounts`,
    createAccount: (request) => createAccount(context, request),
    issueCollectedKey: (collection, account, options) =>
      issueCollectedKey(context, collection, account, options),
    settleDelivery: (pending, outcome) => settleDelivery(context, pending, outcome),
    revokeAccount: (account, by, requestId) => revokeAccount(context, account, by, requestId),
    settleOperation: (operation) => settleOperation(context, operation),
    checkForLateEffect: (operation) => checkForLateEffect(context, operation),
  };
}

type Parts<Name extends keyof Backend> = Pick<Backend, Name>;

function peopleMethods(
  { teams, organizationAdmins }: WandbContext,
  people: PeopleTeams,
): Parts<'administeredTeams' | 'teamsOf' | 'teamAccess' | 'teamAdmins' | 'organizationAdmins'> {
  return {
    administeredTeams: (person, options) => people.administered(person, options),
    teamsOf: (person) => people.of(person),
    async teamAccess({ email }, teamName) {
      const team = await teams.fresh(teamName);
      if (team === undefined) return undefined;
      const isOrganizationAdmin = organizationAdmins.includes(email);
      return { team: teamOf(team), role: roleIn(team, email), isOrganizationAdmin };
    },
    async teamAdmins(teamName) {
      const [team, ownEmail] = await Promise.all([teams.recent(teamName), people.ownEmail()]);
      // Nobody is sent to ask Keysmith itself.
      return team === undefined ? [] : adminsOf(team).filter(({ email }) => email !== ownEmail);
    },
    organizationAdmins: async () => [...organizationAdmins],
  };
}

function accountMethods(
  context: WandbContext,
  people: PeopleTeams,
): Parts<'findAccount' | 'findAccountsByName' | 'listAccounts'> {
  const { store } = context;
  const namesFor: (
    ...asked: [Parameters<Backend['listAccounts']>[0], string | undefined]
  ) => Promise<string[]> = async (person, teamName) => {
    const { teams } = await people.administered(person, {
      limit: Number.POSITIVE_INFINITY,
      ...(teamName !== undefined && { query: teamName }),
    });
    const names = teams.map(({ name }) => name);
    return teamName === undefined ? names : names.filter((name) => name === teamName);
  };
  return {
    findAccount: (accountId) => store.findAccount(accountId),
    async findAccountsByName(person, name, teamName) {
      const names = await namesFor(person, teamName);
      const found = await store.accountsOfTeams(names, { name, limit: NAMESAKES });
      return found.accounts.map(({ account }) => account);
    },
    async listAccounts(person, { teamName, ...page }) {
      return listAccounts(context, await namesFor(person, teamName), page);
    },
  };
}
