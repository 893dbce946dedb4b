import { createSecretKey } from 'node:crypto';
import { expect, it } from 'vitest';
import { canBecome, hasEnded, LIFECYCLE_STATES } from '../../src/domain/accounts/lifecycle.ts';
import { setState } from '../../src/store/accounts/accounts.ts';
import { createConnection } from '../../src/store/database/prepared-queries.ts';
import { writes } from '../../src/store/unit-of-work.ts';
import { AUDIT_KEY, draw, insertSending, NOW_MS } from './contract/world.ts';
import { accessOver, openSqliteWorld } from './database/temporary-database.ts';

it('the state of an account changes only as its lifecycle allows, and a refused change writes nothing', async () => {
  const world = await openSqliteWorld();
  const { client, organizationId } = world;
  const { account } = await insertSending(world, world.mlPlatform);
  const scope = { db: createConnection(client), access: accessOver(client), newId: draw, organizationId };
  const set = writes(setState)({ ...scope, auditKey: createSecretKey(AUDIT_KEY) });
  const put = client.prepare('update service_accounts set state = ?, revoked_at_ms = ? where id = ?');
  const read = () => client.prepare('select state, revoked_at_ms from service_accounts').all();
  for (const from of LIFECYCLE_STATES) {
    for (const to of LIFECYCLE_STATES) {
      put.run(from, hasEnded(from) ? 1 : null, account.id);
      const before = read();
      const isChanged = await set(account.id, to, NOW_MS).then(
        () => true,
        () => false,
      );
      expect([from, to, isChanged]).toEqual([from, to, canBecome(from, to)]);
      const after = [{ state: to, revoked_at_ms: hasEnded(to) ? NOW_MS : null }];
      expect(read()).toEqual(isChanged ? after : before);
    }
  }
});
