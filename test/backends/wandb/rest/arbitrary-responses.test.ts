import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAuditLogClient } from '../../../../src/backends/wandb/audit-log/audit-log-client.ts';
import { createScimClient } from '../../../../src/backends/wandb/scim/scim-client.ts';
import { randomRuns } from '../../../long-form.ts';
import { scriptedFetch } from './scripted-fetch.ts';

const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('a@b.test', 'x', 'SERVICE', true, null));
const record = (names: string[]) =>
  fc.dictionary(fc.constantFrom(...names), odd, { maxKeys: names.length }) as fc.Arbitrary<unknown>;
const user = record([
  'id',
  'userName',
  'emails',
  'active',
  'accountType',
  'teamRoles',
  'members',
  'displayName',
]);
const entry = record(['action', 'timestamp', 'actor_email', 'user_asset', 'response_code', 'entity_name']);
const body = fc.oneof(
  odd,
  user,
  fc.record({ Resources: fc.array(fc.oneof(user, odd)), totalResults: odd }),
  fc.record({ audit_logs: fc.array(fc.oneof(entry, odd)), next_cursor: odd }),
);
const status = fc.constantFrom(200, 201, 204, 302, 400, 401, 403, 404, 409, 412, 429, 500, 503);

test('no response makes a method of SCIM or the audit log reject, or find what it doesn’t contain', async () => {
  await fc.assert(
    fc.asyncProperty(body, status, fc.boolean(), async (json, code, isCut) => {
      const text = JSON.stringify(json).slice(isCut ? 1 : 0);
      const reply = () => new Response(code === 204 ? null : text, { status: code });
      const { dependencies } = scriptedFetch(reply);
      const scim = createScimClient(dependencies);
      const person = await scim.findPersonByEmail('a@b.test');
      if (person.ok && person.value !== undefined) expect(text).toContain('a@b.test');
      const accounts = await scim.findServiceAccountsByName('x');
      if (accounts.ok && accounts.value.length > 0) expect(text).toContain('SERVICE');
      const created = await scim.createServiceAccount({ name: 'x', team: 't', accountType: 'SERVICE' });
      if (created.outcome === 'created') expect(text).toContain('SERVICE');
      const settled = await Promise.allSettled([
        scim.availability(),
        scim.deleteUser('abc'),
        scim.listTeams(),
        scim.findTeam('t'),
        createAuditLogClient(dependencies).read({ day: '2026-11-24' }),
      ]);
      expect(settled.map((one) => one.status)).toEqual(Array(5).fill('fulfilled'));
    }),
    { numRuns: randomRuns(300) },
  );
});
