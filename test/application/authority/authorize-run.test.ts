import { expect, test } from 'vitest';
import { authorizeRun } from '../../../src/application/authority/authorize-run.ts';
import { TEAMS } from '../../api/routes/run-world.ts';
import { addKey, openCredentialWorld } from '../../world/credential-world.ts';

test('A run’s attribution has the member’s address, and their W&B username only where the teams file states it', async () => {
  const world = await openCredentialWorld();
  await world.store.applyOrganization(TEAMS, world.clock.nowMs);
  const { account } = await addKey(world);
  const ports = {
    ...world.ports,
    statedUsernames: new Map([['ben@acme.test', 'benj']]),
    log: world.log.logger,
  };
  const attribution = async (named: { username?: string; email?: string }, project = 'papers') => {
    const run = { entity: undefined, project, username: undefined, email: undefined, ...named };
    const result = await authorizeRun(ports, account, run);
    return [result.allowed && result.attributedTo?.email, result.statedUsername];
  };

  expect(await attribution({ email: 'ben@acme.test' })).toEqual(['ben@acme.test', 'benj']);
  expect(await attribution({ username: 'benj' })).toEqual(['ben@acme.test', 'benj']);
  expect(await attribution({ username: 'ada' })).toEqual(['ada@acme.test', undefined]);
  expect(await attribution({ username: 'benj', email: 'ada@acme.test' })).toEqual([undefined, undefined]);
  expect(await attribution({})).toEqual([undefined, undefined]);
  expect(await attribution({ email: 'ben@acme.test' }, 'vault')).toEqual([false, undefined]);
});
