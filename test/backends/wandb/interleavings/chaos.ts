import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { pino } from 'pino';
import { collectKey } from '../../../../src/application/accounts/collect-key.ts';
import { createServiceAccount } from '../../../../src/application/accounts/create-service-account.ts';
import { revokeServiceAccount } from '../../../../src/application/accounts/revoke-service-account.ts';
import { jobHandlers } from '../../../../src/application/jobs/job-handlers.ts';
import { createJobWorker } from '../../../../src/application/jobs/job-worker.ts';
import { endNotification, REQUEST_LEASE_MS } from '../../../../src/application/jobs/notification-jobs.ts';
import type { Ports } from '../../../../src/application/ports/account-ports.ts';
import type { HeldJob } from '../../../../src/application/ports/job-store.ts';
import type { Store } from '../../../../src/application/ports/store.ts';
import { createWandbBackend } from '../../../../src/backends/wandb/backend/wandb-backend.ts';
import type { ScimClient } from '../../../../src/backends/wandb/scim/scim-client.ts';
import { openSqliteDatabase } from '../../../../src/store/database/open-database.ts';
import { installed, withoutCards } from '../../../slack-profile.ts';
import { draw, NOW_MS } from '../../../store/contract/world.ts';
import { placeMigratedDatabase, quickFolder } from '../../../store/database/migrated-database.ts';
import { storesOver } from '../../../store/database/temporary-database.ts';
import { ISSUER, route, TEAM, withoutReminders } from '../backend/wandb-world.ts';
import { createModelServer, type ModelServer, PEOPLE } from './model-server.ts';
import { createModelSlack, type ModelSlack } from './model-slack.ts';
import { createScheduler, type Scheduler, type SteppedProcess } from './scheduler.ts';

type Method = 'api_key' | 'federated';

/** A result that a process showed to a person. */
interface Answer {
  kind: string;
  notice?: HeldJob;
  [detail: string]: unknown;
}

/** What a person did, and what the processes answered. A killed process answers nothing. */
interface Request {
  by: string;
  answers: Answer[];
  /** Whether an answer came after the lease of its notification, which another process may have sent. */
  isLate?: boolean;
}

export interface Form extends Request {
  submissionId: string;
  name: string;
  method: Method;
}

interface Revocation extends Request {
  accountId: string;
  requestId: string;
}

/** Processes on one database, between a W&B server and a Slack that both fail. */
export interface Chaos {
  server: ModelServer;
  slack: ModelSlack;
  scheduler: Scheduler;
  store: Store;
  database: Database.Database;
  forms: Form[];
  revocations: Revocation[];
  /** How often a process was killed. */
  kills: number;
  /**
   * How often another process may have done the same, because leases ended while something was running. Each process may do so: one
   * that read the clock before the wait claims with that time after it.
   */
  lapses: number;
  submit(form: Form, process: number): void;
  collect(offer: number, process: number): void;
  revoke(account: number, person: number, process: number): void;
  /** Starts what is due. */
  runJobs(process: number): void;
  /** Does all that is due, in a process that nothing interrupts. */
  settle(): Promise<void>;
  kill(process: number): void;
  advance(ms: number): void;
  close(): void;
}

const PROCESSES = 2;
const quiet = pino({ level: 'silent' });

export async function openChaos(seed: number, returnsKeys: boolean): Promise<Chaos> {
  const scheduler = createScheduler(seed);
  const folder = mkdtempSync(join(quickFolder(), 'keysmith-chaos-'));
  const file = join(folder, 'keysmith.db');
  placeMigratedDatabase(file, 'sandbox');
  const database = openSqliteDatabase({ file, mode: 'sandbox' });
  database.exec(`create temp table changes (id, from_state, to_state);
    create temp trigger changed after update of state on service_accounts when old.state <> new.state
      begin insert into changes values (old.id, old.state, new.state); end`);
  const store = await storesOver(database).openOrganization('acme', NOW_MS);
  const server = createModelServer({ scheduler, returnsKeys, organization: 'acme' });
  const clock = { nowMs: NOW_MS };
  const slack = createModelSlack(scheduler);
  const start = () => startProcess({ scheduler, store, server, slack, clock });
  const processes = Array.from({ length: PROCESSES }, start);
  const settling = Object.assign(start(), { isAlone: true });
  const at = (index: number) => {
    const process = processes[index % PROCESSES];
    if (process === undefined) throw new Error('No such process.');
    return process;
  };
  let requests = 0;
  const newRequestId = () => {
    requests += 1;
    return `req_${requests}`;
  };

  function ask(request: Request, { ports }: { ports: Ports }, work: Promise<Answer>): void {
    const untilMs = clock.nowMs + REQUEST_LEASE_MS;
    void work
      .catch((error: Error): Answer => ({ kind: 'thrown', error: String(error) }))
      .then(async (answer) => {
        request.answers.push(answer);
        if (clock.nowMs >= untilMs) request.isLate = true;
        // Once Slack has shown the response.
        if (answer.notice !== undefined) await endNotification(ports, answer.notice, { wasNotified: true });
      })
      .catch(() => undefined);
  }

  const chaos: Chaos = {
    server,
    slack,
    scheduler,
    store,
    database,
    forms: [],
    revocations: [],
    kills: 0,
    lapses: 0,
    submit(form, process) {
      if (!chaos.forms.includes(form)) chaos.forms.push(form);
      const { by: slackUserId, submissionId } = form;
      const { ports } = at(process);
      const request = { slackUserId, submissionId, route, requestId: newRequestId(), form: fieldsOf(form) };
      ask(form, { ports }, createServiceAccount(ports, request));
    },
    collect(offer, process) {
      const offers = slack.directMessages.flatMap((sent) =>
        sent.message === 'key_collectable' ? [{ slackUserId: sent.to, collectionId: sent.collectionId }] : [],
      );
      const chosen = offers[offer % offers.length];
      if (chosen === undefined) return;
      const request = { ...chosen, route, requestId: newRequestId() };
      const { ports } = at(process);
      ask({ by: chosen.slackUserId, answers: [] }, { ports }, collectKey(ports, request));
    },
    revoke(account, person, process) {
      const ids = database.prepare('select id from service_accounts order by created_at_ms, id').all() as {
        id: string;
      }[];
      const accountId = ids[account % ids.length]?.id;
      if (accountId === undefined) return;
      const { ports } = at(process);
      const revocation = { by: personAt(person), accountId, requestId: newRequestId(), answers: [] };
      chaos.revocations.push(revocation);
      const { by: slackUserId, requestId } = revocation;
      ask(revocation, { ports }, revokeServiceAccount(ports, { slackUserId, accountId, requestId }));
    },
    runJobs(process) {
      at(process)
        .worker.startDue()
        .catch(() => undefined);
    },
    async settle() {
      do {
        settling.ended = 0;
        await settling.worker.startDue();
        await settling.worker.settled();
        // Jobs queue others, such as notifications.
      } while (settling.ended > 0);
    },
    kill(process) {
      chaos.kills += 1;
      at(process).isKilled = true;
      processes[process % PROCESSES] = start();
    },
    advance(ms) {
      if (ms >= REQUEST_LEASE_MS && scheduler.isBusy()) chaos.lapses += PROCESSES;
      clock.nowMs += ms;
    },
    close() {
      for (const process of processes) process.isKilled = true;
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
  return chaos;
}

export const personAt = (index: number) => `U0${PEOPLE[index % PEOPLE.length]?.toUpperCase()}`;

function fieldsOf({ name, method, by }: Form) {
  const isFederated = method === 'federated';
  return {
    teamName: TEAM,
    name,
    method,
    expiry: undefined,
    issuer: isFederated ? ISSUER : undefined,
    subject: isFederated ? `repo:acme/${name}` : undefined,
    purpose: undefined,
    usedBy: undefined,
    contact: by,
  };
}

interface Surroundings {
  scheduler: Scheduler;
  store: Store;
  server: ModelServer;
  slack: ModelSlack;
  clock: { nowMs: number };
}

function startProcess({ scheduler, store, server, slack, clock }: Surroundings) {
  const process: SteppedProcess & { ended: number } = { isKilled: false, ended: 0 };
  const now = () => clock.nowMs;
  const own = steppedStore(store, scheduler, process);
  const noScim = { availability: async () => ({ ok: true, value: 'absent' }) };
  const common = { store: own, now, monotonicMs: now, newId: draw, randomBytes, logger: quiet };
  const backend = createWandbBackend({
    ...common,
    client: server.clientOf(process),
    scim: noScim as unknown as ScimClient,
    organizationName: 'acme',
    organizationAdmins: [],
    baseUrl: 'https://wandb.acme.test',
  });
  const ports: Ports = {
    ...common,
    backend,
    workloadUrl: 'https://wandb.acme.test',
    organization: { name: 'acme' },
    writingRuns: undefined,
    assertionRules: undefined,
    auditChannel: undefined,
    wakeJobs: () => {},
    flushUses: async () => {},
    runAccess: async () => 'available',
    refusals: { note: () => {}, flush: async () => {}, stop: async () => {} },
    installation: installed,
    cards: withoutCards,
    findGenuineKey: async () => undefined,
    ...slack.portsOf(process),
  };
  const count = () => {
    process.ended += 1;
  };
  return Object.assign(process, {
    ports,
    worker: createJobWorker({ ...ports, handlers: withoutReminders(jobHandlers(ports)), count }),
  });
}

/** Every use of the store is two steps, between which the process can be killed. */
function steppedStore(store: Store, { step }: Scheduler, process: SteppedProcess): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...values: unknown[]) => {
        await step(process);
        const result = await Reflect.apply(method, target, values);
        await step(process);
        return result;
      };
    },
  });
}
