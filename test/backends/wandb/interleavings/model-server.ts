import type { WandbClient } from '../../../../src/backends/wandb/client/wandb-client.ts';
import type { WandbFailure, WandbOperation } from '../../../../src/backends/wandb/client/wandb-failure.ts';
import { ISSUER, TEAM } from '../backend/wandb-world.ts';
import type { Scheduler, SteppedProcess } from './scheduler.ts';

interface ModelAccount {
  id: string;
  name: string;
  key: string | undefined;
  client: { id: string; subject: string } | undefined;
  /** Lists don't show it yet, until this many of them were read. */
  hiddenReads: number;
}

/** A W&B server in memory. It loses requests and answers, answers late, and carries out requests after it has failed them. */
export interface ModelServer {
  accounts: ModelAccount[];
  /** Of all accounts that ever existed. */
  createdKeys: { name: string; key: string }[];
  /** Whether lists show the keys of accounts. */
  returnsKeys: boolean;
  /** False while its answers fail at random. */
  isHealthy: boolean;
  clientOf(process: SteppedProcess): WandbClient;
  createAsAdmin(name: string): ModelAccount;
  deleteAsAdmin(id: string): void;
  /** Carries out requests that it has failed. */
  carryOutLate(): void;
}

export const PEOPLE = ['ada', 'ben'];

export function createModelServer({
  scheduler,
  returnsKeys,
  organization,
}: {
  scheduler: Scheduler;
  returnsKeys: boolean;
  organization: string;
}): ModelServer {
  const { random } = scheduler;
  let lastId = 0;
  let late: (() => void)[] = [];
  /** Deleted accounts that lists still show. */
  let ghosts: { account: ModelAccount; reads: number }[] = [];
  const newId = (prefix: string) => {
    lastId += 1;
    return `${prefix}${lastId}`;
  };
  const lagOf = () => (server.isHealthy || random() < 0.8 ? 0 : 1 + Math.floor(random() * 4));

  function add(name: string, client?: ModelAccount['client']): ModelAccount {
    const key = client === undefined ? `local-${newId('key')}`.padEnd(46, '0') : undefined;
    const account = { id: newId('member'), name, key, client, hiddenReads: lagOf() };
    server.accounts.push(account);
    if (key !== undefined) server.createdKeys.push({ name, key });
    return account;
  }

  function remove(id: string): boolean {
    const account = server.accounts.find((one) => one.id === id);
    if (account === undefined) return false;
    server.accounts = server.accounts.filter((one) => one !== account);
    ghosts.push({ account, reads: lagOf() });
    return true;
  }

  function shownAccounts(): ModelAccount[] {
    const shown = server.accounts.filter((one) => {
      one.hiddenReads -= 1;
      return server.isHealthy || one.hiddenReads < 0;
    });
    ghosts = ghosts.filter((ghost) => {
      ghost.reads -= 1;
      return !server.isHealthy && ghost.reads >= 0;
    });
    return [...shown, ...ghosts.map(({ account }) => account)];
  }

  function members() {
    const people = PEOPLE.map((name) => ({
      id: `person-${name}`,
      name,
      username: name,
      email: `${name}@acme.test`,
      admin: true,
      pending: false,
      accountType: 'USER',
      role: 'admin',
      OAuthClients: null,
    }));
    const accounts = shownAccounts().map(({ id, name, client, key }) => ({
      id,
      name,
      username: null,
      email: null,
      admin: false,
      pending: false,
      accountType: 'SERVICE',
      role: null,
      OAuthClients: client === undefined ? [] : [client],
      apiKey: returnsKeys ? (key ?? null) : null,
    }));
    return [...people, ...accounts];
  }

  /** Carries out an operation and returns its data, or the message of an error. */
  function carryOut(name: string, { input, ...variables }: Variables): object | string {
    const organizations = [{ id: 'organization', name: organization, OAuthProviders: [PROVIDER] }];
    switch (name) {
      case 'ReadTeam':
      case 'ReadNewServiceAccountKey':
        if (variables.name !== TEAM) return { entity: null };
        return {
          entity: {
            id: 'team',
            name: TEAM,
            isTeam: true,
            members: members(),
            organization: organizations[0],
          },
        };
      case 'ReadViewer':
        return { viewer: { ...VIEWER, organizations } };
      case 'ReadOrganizations':
        return { viewer: { id: 'viewer', organizations } };
      case 'ReadServerInfo':
        return { serverInfo: { latestLocalVersionInfo: null, features: [] } };
      case 'CreateServiceAccount':
        return { createServiceAccount: { user: { id: add(input?.description ?? '').id } } };
      case 'CreateClient': {
        const { name: accountName = '', subject = '' } = input ?? {};
        if (server.accounts.some(({ client }) => client?.subject === subject)) return 'Client already exists';
        const client = { id: newId('client'), subject };
        add(accountName, client);
        return { createClient: { success: true, clientId: client.id } };
      }
      case 'DeleteInvite':
        return remove(input?.id ?? '') ? { deleteInvite: { success: true } } : 'no such member not found';
      case 'RevokeClient':
        return { revokeClient: { success: true } };
      default:
        throw new Error(`The model server has no ${name}.`);
    }
  }

  const server: ModelServer = {
    accounts: [],
    createdKeys: [],
    returnsKeys,
    isHealthy: false,
    createAsAdmin: (name) => add(name),
    deleteAsAdmin: (id) => void remove(id),
    carryOutLate() {
      const requests = late;
      late = [];
      for (const request of requests) request();
    },
    clientOf: (process) => ({
      has: () => true,
      async call(source, variables) {
        const operation = typeof source === 'function' ? source(() => true) : source;
        await scheduler.step(process);
        const request = () => carryOut(operation.name, variables as Variables);
        const fault = faultOf(operation.kind, server.isHealthy ? 1 : random());
        if (fault?.isCarriedOut === 'late') late.push(request);
        const data = fault === undefined || fault.isCarriedOut === true ? request() : '';
        await scheduler.step(process);
        if (fault !== undefined) return { ok: false, failure: fault.failure };
        return answer(operation, data);
      },
    }),
  };
  return server;
}

interface Variables {
  name?: string;
  input?: { id?: string; name?: string; description?: string; subject?: string };
}

const VIEWER = {
  id: 'viewer',
  username: 'keysmith',
  email: 'keysmith@acme.test',
  admin: true,
  entity: null,
  teams: { edges: [] },
};
const PROVIDER = { id: 'provider', issuerUrl: ISSUER };
const NOTHING: WandbFailure = { reason: 'forbidden', messages: [], mayHaveHappened: false };
const LOST: WandbFailure = { reason: 'connection_lost', code: 'ECONNRESET', mayHaveHappened: true };
const SLOW: WandbFailure = { reason: 'timed_out', mayHaveHappened: true };

interface Fault {
  isCarriedOut: boolean | 'late';
  failure: WandbFailure;
}

/** @param drawn from 0 up to 1; 1 for none */
function faultOf(kind: 'query' | 'mutation', drawn: number): Fault | undefined {
  if (kind === 'query') {
    return drawn < 0.03 ? { isCarriedOut: false, failure: { ...LOST, mayHaveHappened: false } } : undefined;
  }
  if (drawn < 0.12) return { isCarriedOut: true, failure: LOST };
  if (drawn < 0.2) return { isCarriedOut: false, failure: LOST };
  if (drawn < 0.32) return { isCarriedOut: 'late', failure: SLOW };
  if (drawn < 0.38) return { isCarriedOut: false, failure: NOTHING };
  return undefined;
}

function answer<Data>(operation: WandbOperation<Data>, data: object | string) {
  if (typeof data !== 'string') return { ok: true, value: operation.data.parse(data) } as const;
  const reason = data.includes('not found') ? 'not_found' : 'conflict';
  return { ok: false, failure: { reason, messages: [data], mayHaveHappened: false } } as const;
}
