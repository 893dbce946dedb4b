import type Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { Store } from '../../src/application/ports/store.ts';
import { claimOf, queueNotification } from './contract/jobs.ts';
import { gone, insertOnServer, removal } from './contract/server-accounts/server-account-world.ts';
import { federatedAccount, ISSUER, insertSending, NOW_MS, settlement } from './contract/world.ts';
import { openSqliteWorld, storesOver } from './database/temporary-database.ts';

/** Returns SQLite's query plan for each statement that a new connection prepares for the call. */
async function plansOf(
  client: Database.Database,
  work: (store: Store) => Promise<unknown>,
): Promise<string[]> {
  const statements: string[] = [];
  const store = await storesOver(client).openOrganization('acme', NOW_MS);
  const prepare = client.prepare.bind(client);
  client.prepare = ((source: string) => {
    statements.push(source);
    return prepare(source);
  }) as typeof client.prepare;
  await work(store);
  client.prepare = prepare;
  return statements.flatMap((source) => {
    const parameters = Array.from(source.matchAll(/\?/g), () => '');
    return prepare(`EXPLAIN QUERY PLAN ${source}`)
      .all(...parameters)
      .map((step) => String(Object(step).detail));
  });
}

it('finding a key uses indexes only', async () => {
  const world = await openSqliteWorld();
  const { keyId } = (await insertSending(world, world.mlPlatform)).key.record;
  const plans = await plansOf(world.client, (store) => store.findApiKey(keyId));
  expect(plans).toEqual([
    expect.stringMatching(/^SEARCH api_keys USING INDEX \w+ \(.*key_id=\?/),
    expect.stringMatching(/^SEARCH service_accounts USING INDEX \w+ \(organization_id=\? AND id=\?\)/),
    expect.stringMatching(/^SEARCH teams USING INDEX \w+ \(organization_id=\? AND id=\?\)/),
    expect.stringMatching(/^SEARCH deliveries USING INDEX \w+ \(organization_id=\? AND key_id=\?\)/),
  ]);
});

it('the teams that a person administers are found through an index of the person', async () => {
  const { client } = await openSqliteWorld();
  const plans = await plansOf(client, (store) => store.administeredTeams('ada@acme.test', { limit: 10 }));
  expect(plans.join('\n')).toMatch(/SEARCH team_members USING .*INDEX .*\(organization_id=\? AND email=\?\)/);
  expect(plans.filter((step) => /^SCAN (?!\(subquery|CONSTANT)/.test(step))).toEqual([]);
});

it('the metrics find accounts that need an admin through their unfinished jobs', async () => {
  const { client } = await openSqliteWorld();
  const plans = await plansOf(client, (store) => store.queueLengths());
  expect(plans.filter((step) => step.includes('server_accounts'))).toEqual([
    expect.stringMatching(/^SEARCH server_accounts USING INDEX \w+ \(organization_id=\? AND id=\?\)/),
  ]);
});

it('claiming jobs reads those of one kind in the order of an index', async () => {
  const world = await openSqliteWorld();
  for (const claim of [{ longestDelayMs: undefined }, { longestDelayMs: 1 }, { attempt: 'first' } as const]) {
    await queueNotification(world);
    const plans = await plansOf(world.client, (store) => store.claimJobs(claimOf(claim)));
    expect(plans.length).toBeGreaterThan(1);
    expect(plans.filter((step) => /^SCAN|TEMP B-TREE/.test(step))).toEqual([]);
    expect(plans[0]).toContain('jobs_due');
  }
});

it('no request of a workload scans a whole table', async () => {
  const { client } = await openSqliteWorld();
  const ask = (work: (store: Store) => Promise<unknown>) => plansOf(client, work);
  const teamName = 'ml-platform';
  const use = { accountId: 'sa_1', keyId: 'key_1', atMs: 1, address: '192.0.2.1', userAgent: undefined };
  const assertion = { issuer: ISSUER, tokenId: 'a', expiresAtMs: NOW_MS + 1, nowMs: NOW_MS };
  const named = { projectName: 'benchmarks', username: 'ada', email: 'nobody@acme.test' };
  const plans = [
    await ask((store) => store.accountStatus('sa_1')),
    await ask((store) => store.accountByIdentity({ issuer: ISSUER, subject: 'a' })),
    await ask((store) => store.accountsWithSimilarSubject({ issuer: ISSUER, subject: 'repo:acme@1/web@2' })),
    await ask((store) => store.nearMatch('near_1')),
    await ask((store) => store.issuer(ISSUER)),
    await ask((store) => store.issuerKeySet(ISSUER)),
    await ask((store) => store.useAssertionOnce(assertion)),
    await ask((store) => store.signingKeys('access_token')),
    await ask((store) => store.recordUses([use], NOW_MS)),
    await ask((store) => store.runTarget({ teamName, ...named })),
    await ask((store) => store.findTeam(teamName)),
    await ask((store) => store.teamPeople('team_1', { limit: 10, after: 'ada' })),
    await ask((store) => store.teamServiceAccounts('team_1', { limit: 10, after: 'eval' })),
    await ask((store) => store.upstreamState()),
    await ask((store) => store.sealedTeamKey('upc_1')),
  ];
  expect(plans.map((plan) => plan.length > 0)).not.toContain(false);
  expect(plans.flat().filter((step) => step.startsWith('SCAN'))).toEqual([]);
  expect(plans[1]).toContainEqual(expect.stringContaining('service_accounts_active_identity'));
  expect(
    plans[2]?.filter((step) =>
      step.includes('service_accounts_similar_identity (organization_id=? AND issuer=? AND <expr>'),
    ),
  ).toHaveLength(2);
});

it('accounts that haven’t ended are found through the indexes that have no others', async () => {
  const world = await openSqliteWorld();
  const { client, organizationId, mlPlatform } = world;
  const { account } = await insertSending(world, mlPlatform);
  const federated = federatedAccount(organizationId, mlPlatform, 'repo:acme/web');
  const indexesOf = async (work: (store: Store) => Promise<unknown>) =>
    (await plansOf(client, work))
      .map(
        (step) =>
          /service_accounts USING (?:COVERING )?INDEX (service_accounts_active_\w+ \(.*\))/.exec(step)?.[1],
      )
      .filter((index) => index !== undefined);
  const [email, { id: teamId }] = ['cy@acme.test', mlPlatform];
  const byName = 'service_accounts_active_name (organization_id=? AND team_id=? AND name=?)';
  const byTeam = 'service_accounts_active_name (organization_id=? AND team_id=?)';
  const ofOthers = 'service_accounts_active_namesakes (organization_id=? AND name=?)';
  const byIdentity = 'service_accounts_active_identity (organization_id=? AND issuer=? AND subject=?)';
  expect(await indexesOf((store) => store.insertAccount(federated))).toEqual([byName, byIdentity]);
  expect(await indexesOf((store) => store.findAccountsByName(email, account.name, undefined))).toEqual([
    ofOthers,
  ]);
  expect(await indexesOf((store) => store.findAccountsByName(email, account.name, 'ml-platform'))).toEqual([
    byName,
  ]);
  expect(await indexesOf((store) => store.listAccounts(email, { limit: 9 }, NOW_MS))).toContain(byTeam);
  expect(await indexesOf((store) => store.accountsOfTeams(['ml-platform'], { limit: 9 }, NOW_MS))).toEqual([
    `${byTeam.slice(0, -1)} AND name>?)`,
    `${byTeam.slice(0, -1)} AND name>?)`,
  ]);
  const after = { limit: 9, after: 'a' };
  expect((await indexesOf((store) => store.teamServiceAccounts(teamId, after)))[0]).toMatch(
    byTeam.slice(0, -1),
  );
});

it('lists of accounts with a status start from the index of its time, and read no others', async () => {
  const { client } = await openSqliteWorld();
  for (const [status, index] of [
    ['expiring', 'api_keys_expiry (organization_id=? AND expires_at_ms>?'],
    ['unused', 'service_accounts_quiet (organization_id=? AND <expr>>?'],
    ['revoked', 'service_accounts_revoked (organization_id=? AND revoked_at_ms>?'],
    ['unowned', 'service_accounts_unowned (organization_id=? AND team_id=?'],
  ] as const) {
    for (const email of ['ada@acme.test', 'cy@acme.test']) {
      const start = {
        direction: 'after',
        position: status === 'unowned' ? { teamName: 'a', name: 'a' } : { atMs: 5, id: 'a' },
      } as const;
      const plans = await plansOf(client, (store) =>
        store.listAccounts(email, { limit: 9, status, start }, NOW_MS),
      );
      const steps = plans.filter((step) => /(api_keys|service_accounts) USING/.test(step));
      expect(
        steps.some((step) => step.includes(index)),
        `${status}: ${steps.join('\n')}`,
      ).toBe(true);
      expect(plans.filter((step) => /^SCAN (api_keys|service_accounts)/.test(step))).toEqual([]);
      // Each row sorts the few keys of its own account, and nothing else is sorted.
      const ofAccount = plans.filter((step) => /SEARCH key_of_account/.test(step));
      expect(ofAccount.filter((step) => !/\(organization_id=\? AND account_id=\?/.test(step))).toEqual([]);
      const sorts = plans.filter((step) => step === 'USE TEMP B-TREE FOR ORDER BY');
      expect(sorts.length).toBeLessThanOrEqual(ofAccount.length);
    }
  }
});

it('an account’s server accounts and a person’s open collections are found through indexes', async () => {
  const world = await openSqliteWorld();
  const { account, serverAccountId, delivery } = await insertOnServer(world);
  const steps = async (work: (store: Store) => Promise<unknown>) =>
    (await plansOf(world.client, work)).filter((step) => /server_accounts|collections/.test(step));
  const open = await steps((store) => store.openCollections('U0ADA', NOW_MS));
  expect(open).toEqual([
    expect.stringMatching(/SEARCH collections USING INDEX collections_open .*slack_user_id=\?/),
  ]);
  const ofServer = [
    ...(await steps((store) => store.settleDelivery(settlement(delivery.id, 'unknown')))),
    ...(await steps((store) => store.beginRemoval(removal(account.id)))),
    ...(await steps((store) => store.recordGone(gone(serverAccountId)))),
    ...(await steps((store) => store.serverAccount(serverAccountId))),
    ...(await steps((store) => store.knownOnServer(['ml-platform']))),
    ...(await steps((store) => store.accountsOfTeams(['ml-platform'], { limit: 9 }, NOW_MS))),
  ];
  expect(ofServer.length).toBeGreaterThan(8);
  expect(
    ofServer.filter((step) => !/^SEARCH .* \(organization_id=\? AND (id|account_id)=\?/.test(step)),
  ).toEqual([]);
});

it('the key of a request and the request of an account are found through indexes', async () => {
  const { client } = await openSqliteWorld();
  const ask = async (work: (store: Store) => Promise<unknown>) => (await plansOf(client, work)).join('\n');
  expect(await ask((store) => store.requestedKey('request_1'))).toContain('collections_request');
  expect(await ask((store) => store.requestOfAccount('sa_1'))).toMatch(
    /^SEARCH access_requests USING INDEX access_requests_account_request \(organization_id=\? AND account_id=\?\)/,
  );
});

it('the Home tab starts from a team, a contact or an index of what is in question', async () => {
  const { client } = await openSqliteWorld();
  const person = { email: 'ada@acme.test', slackUserId: 'U0ADA' };
  const options = { nowMs: NOW_MS, expiresBeforeMs: NOW_MS, limit: 5 };
  for (const administered of [['ml-platform'], 'all'] as const) {
    const plans = await plansOf(client, (store) =>
      store.homeCare({ ...person, administered, visible: administered }, options),
    );
    expect(plans.length).toBeGreaterThan(10);
    expect(plans.filter((step) => /^SCAN (?!json_each|counted|\(subquery|CONSTANT)/.test(step))).toEqual([]);
    // All accounts or keys of the organization.
    const all = plans.filter(
      (step) =>
        /SEARCH (service_accounts|api_keys) .*\(organization_id=\?\)$/.test(step) &&
        !step.includes('_unowned'),
    );
    expect(all).toEqual([]);
    // Nor those that expire, once for each account.
    expect(plans.filter((step) => step.includes('api_keys_expiry'))).toHaveLength(
      administered === 'all' ? 1 : 0,
    );
  }
});
