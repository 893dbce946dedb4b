import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { isLongForm } from '../../../long-form.ts';
import { type Chaos, type Form, openChaos, personAt } from './chaos.ts';
import { expectConsistent } from './expect-consistent.ts';

// The worker's limit for a job, which a killed process would wait for.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const MINUTE_MS = 60_000;
const process = fc.nat({ max: 1 });
const person = fc.nat({ max: 1 });
const nth = fc.nat({ max: 3 });

/** One thing that happens, while everything before it may still be going on. */
const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('submit'), nth, person, process, isFederated: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('collect'), nth, process }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('revoke'), nth, person, process }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('kill'), process }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('jobs'), process }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait'), minutes: fc.constantFrom(1, 2, 6, 35) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('late') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('admin'), nth, creates: fc.boolean() }) },
);

interface Event {
  kind: string;
  nth?: number;
  person?: number;
  process?: number;
  minutes?: number;
  isFederated?: boolean;
  creates?: boolean;
}

function happen(chaos: Chaos, happening: Event): void {
  const { kind, nth: index = 0, person: by = 0, process: at = 0 } = happening;
  switch (kind) {
    case 'submit': {
      const form = chaos.forms.find(({ name }) => name === nameOf(index)) ?? newForm(happening);
      chaos.submit(form, at);
      break;
    }
    case 'collect':
      chaos.collect(index, at);
      break;
    case 'revoke':
      chaos.revoke(index, by, at);
      break;
    case 'kill':
      chaos.kill(at);
      break;
    case 'jobs':
      chaos.runJobs(at);
      break;
    case 'wait':
      chaos.advance((happening.minutes ?? 0) * MINUTE_MS);
      break;
    case 'late':
      chaos.server.carryOutLate();
      break;
    default:
      actAsAdmin(chaos, happening);
  }
}

const nameOf = (index: number) => `nightly-eval-${'abcd'[index]}`;

/** Each form has a name of its own, and may be submitted several times. */
function newForm({ nth: index = 0, person: by = 0, isFederated = false }: Event): Form {
  return {
    by: personAt(by),
    submissionId: `form_${index}`,
    name: nameOf(index),
    method: isFederated ? 'federated' : 'api_key',
    answers: [],
  };
}

/** An admin creates an account with the plain name of one of Keysmith's, or deletes one of Keysmith's in W&B. */
function actAsAdmin({ server }: Chaos, { nth: index = 0, creates }: Event): void {
  const tagged = server.accounts.filter(({ name }) => name.includes('-ks'));
  const one = tagged[index % tagged.length];
  if (creates) server.createAsAdmin(nameOf(index));
  else if (one !== undefined) server.deleteAsAdmin(one.id);
}

/** Everything works again; all work is done within a bit more than a day. */
async function recover(chaos: Chaos): Promise<void> {
  const { server, slack, scheduler } = chaos;
  server.carryOutLate();
  server.isHealthy = true;
  slack.isHealthy = true;
  await scheduler.run(10_000);
  // An account that is missing at first is looked for during a day.
  const pausesMinutes = [2, 2, 5, 30, 90, 120, 240, 360, 480, 120, 60, 360, 720, 360];
  for (const minutes of pausesMinutes) {
    chaos.advance(minutes * MINUTE_MS);
    await chaos.settle();
  }
}

const RUNS = isLongForm ? 2_000 : 40;

it(
  `No order of creations, collections, revocations, kills, lost and late answers leaves a stray account, a key that nobody holds, or a person uninformed (${RUNS} runs)`,
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(event, fc.nat({ max: 80 })), { minLength: 4, maxLength: 24, size: 'max' }),
        fc.integer(),
        fc.nat({ max: 4 }).map((drawn) => drawn > 0),
        async (events, seed, returnsKeys) => {
          const chaos = await openChaos(seed, returnsKeys);
          try {
            for (const [happening, steps] of events) {
              happen(chaos, happening);
              await chaos.scheduler.run(steps);
            }
            const ofAdmins = chaos.server.accounts.filter(({ name }) => !name.includes('-ks'));
            await recover(chaos);
            await expectConsistent(chaos);
            expect(chaos.server.accounts).toEqual(expect.arrayContaining(ofAdmins));
          } finally {
            chaos.close();
          }
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
  },
  isLongForm ? 1_200_000 : 180_000,
);
