import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { visibleText } from '../../driver/visible-text.ts';
import { fillFederated, openRevokeForm } from '../../journeys/steps.ts';
import { isLongForm } from '../../long-form.ts';
import { ask } from '../../slack/ask.ts';
import { openForm } from '../../world/new-account-form.ts';
import { expectConsistent, type KillableKeysmith, startKillable } from './killed-process.ts';

const KILLS = isLongForm ? 60 : 3;
/** After the kills, until the first late check, five minutes after an attempt was abandoned. */
const RESTARTS = 3;
/** About as long as a request takes on a busy machine. */
const LATEST_KILL_MS = 300;
const LONGEST_WAIT_MS = 2_000;

const isDrawn = (probability: number) => Math.random() < probability;
const pick = <Item>(items: readonly Item[]): Item | undefined =>
  items[Math.floor(Math.random() * items.length)];
const ignored = (work: Promise<unknown>) => void work.catch(() => undefined);

/** A request under way, and the calls to the server that it makes. */
interface Activity {
  begin: () => void;
  calls: readonly string[];
}

/** The outcomes that Ada read in modals before she closed them. */
let readInModals: string[] = [];

/** Closes the modals that are left of the killed process. */
async function closeModals({ ada }: KillableKeysmith): Promise<void> {
  for (let modal = ada.view(); modal !== undefined; modal = ada.view()) {
    // A form isn't an outcome.
    if (modal.submit === undefined) readInModals.push(visibleText(modal));
    await ada.close();
  }
}

async function creation(keysmith: KillableKeysmith, name: string): Promise<Activity> {
  const { ada } = keysmith;
  await closeModals(keysmith);
  await openForm(ada, 'ml-platform', `/wandb service-account new ${name}`);
  const isFederated = isDrawn(0.4);
  if (isFederated) await fillFederated(ada, `repo:acme/${name}`);
  const call = isFederated ? 'createClient' : 'createServiceAccount';
  return { begin: () => ignored(ada.submit()), calls: [call, call, 'entity'] };
}

async function collection({ ada }: KillableKeysmith): Promise<Activity | undefined> {
  const offers = ada.messages('Keysmith').filter((one) => visibleText(one).includes('Collect the key'));
  const offer = pick(offers);
  if (offer === undefined) return undefined;
  return { begin: () => ignored(ada.click(offer, 'Collect key')), calls: ['createServiceAccount'] };
}

async function deletion(keysmith: KillableKeysmith): Promise<Activity | undefined> {
  const { ada } = keysmith;
  const list = visibleText(await ask(ada, 'ml-platform', '/wandb service-account list'));
  const [, name] = pick([...list.matchAll(/^\*`([^`]+)`\* in .*\nIn W&B: /gm)]) ?? [];
  if (name === undefined) return undefined;
  await closeModals(keysmith);
  await openRevokeForm(ada, 'ml-platform', `/wandb service-account revoke ${name}`);
  await ada.fill('name', name);
  return { begin: () => ignored(ada.submit()), calls: ['deleteInvite'] };
}

/** Kills the process in a call to the server, during a message to Slack, or at any time. */
async function killDuring(keysmith: KillableKeysmith, { begin, calls }: Activity): Promise<void> {
  const { wandb, slack } = keysmith;
  const call = isDrawn(0.6) ? pick(calls) : undefined;
  if (call !== undefined) {
    const held = wandb.hold(call, { at: isDrawn(0.5) ? 'before' : 'after' });
    begin();
    await Promise.race([held.reached, setTimeout(LONGEST_WAIT_MS)]);
    await keysmith.kill();
    // The server carries it out now.
    held.release();
    return;
  }
  const method = isDrawn(0.5) ? 'response_url' : 'chat.postMessage';
  slack.failures.set(method, { kind: 'timeout', afterEffect: isDrawn(0.5) }, { times: 1 });
  begin();
  await setTimeout(Math.random() * LATEST_KILL_MS);
  await keysmith.kill();
  slack.failures.clear();
}

/** Everyone heard how each account ended that Keysmith began to create or to delete. */
function expectInformed({ ada, setup }: KillableKeysmith): void {
  const seen = ['ml-platform', 'Keysmith']
    .flatMap((conversation) => ada.messages(conversation).map(visibleText))
    .concat(readInModals)
    // A list isn't a report.
    .filter((text) => !text.includes('In W&B: '));
  const about = (name: string) => seen.filter((text) => text.includes(`\`${name}\``));
  const accounts = setup.rows<{ name: string; state: string }>('select name, state from service_accounts');
  expect(accounts.filter(({ name }) => about(name).length === 0)).toEqual([]);
  const deleted = accounts.filter(({ state }) => state === 'revoked');
  expect(deleted.filter(({ name }) => !about(name).some((text) => /deleted/i.test(text)))).toEqual([]);
}

test(`${KILLS} kills at random moments leave no stray account, no key without an owner, and no person without an outcome`, {
  timeout: (KILLS + RESTARTS) * 30_000,
}, async () => {
  const keysmith = await startKillable();
  readInModals = [];
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const earlier = isDrawn(0.5)
      ? await (isDrawn(0.5) ? collection(keysmith) : deletion(keysmith))
      : undefined;
    await killDuring(keysmith, earlier ?? (await creation(keysmith, `nightly-eval-${kill}`)));
    await keysmith.startAfterLease();
  }
  for (let restart = 1; restart <= RESTARTS; restart += 1) {
    await keysmith.kill();
    await keysmith.startAfterLease();
  }
  await expectConsistent(keysmith);
  await closeModals(keysmith);
  expectInformed(keysmith);
});
