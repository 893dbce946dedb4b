import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createSeenIds, withSeenScope } from '../../../../src/api/gateway/operations/seen-ids.ts';

const scope = (entity: string, ...projects: string[]) => ({ entity, projects });
const DEMO = scope('ml-platform', 'demo');

describe('the memory of seen IDs', () => {
  it('keeps the IDs of each account apart, with the scope in which they were seen last', () => {
    const seen = createSeenIds();
    seen.note('a', ['x', 'y'], DEMO);
    seen.note('a', ['y'], scope('vision'));
    expect(['x', 'y', 'z'].map((id) => seen.scopeOf('a', id))).toEqual([DEMO, scope('vision'), undefined]);
    expect(seen.scopeOf('b', 'x')).toBeUndefined();
  });

  it('forgets first what the same account saw longest ago, then what others saw', () => {
    const seen = createSeenIds({ maxIds: 4, maxIdsPerAccount: 3 });
    const known = (account: string) => [...'123456'].filter((id) => seen.scopeOf(account, id)).join('');
    seen.note('a', ['1', '2', '3'], DEMO);
    seen.note('a', ['1', '4'], DEMO);
    expect(known('a')).toBe('134');
    seen.note('b', ['5', '6'], DEMO);
    expect([known('a'), known('b')]).toEqual(['14', '56']);
    // An account that only sees old IDs again isn't idle.
    seen.note('a', ['4'], DEMO);
    seen.note('c', ['1', '2', '3'], DEMO);
    expect([known('a'), known('b'), known('c')]).toEqual(['4', '', '123']);
  });

  it('keeps no ID that is longer than any of W&B’s, and none of a request for very many projects', () => {
    const seen = createSeenIds();
    seen.note('a', ['x'.repeat(257), 'x'.repeat(256)], DEMO);
    seen.note('a', ['y'], scope('ml-platform', ...'123456789'));
    seen.note('a', ['z'], scope('ml-platform', ...'12345678'));
    const ids = ['x'.repeat(257), 'x'.repeat(256), 'y', 'z'];
    expect(ids.map((id) => seen.scopeOf('a', id) !== undefined)).toEqual([false, true, false, true]);
  });

  it('is bounded, and knows everything below its bounds, whatever accounts see', () => {
    const note = fc.tuple(
      fc.constantFrom('a', 'b', 'c'),
      fc.array(fc.constantFrom(...'1234567'), { maxLength: 9 }),
    );
    fc.assert(
      fc.property(fc.array(note, { maxLength: 20 }), (notes) => {
        const seen = createSeenIds({ maxIds: 6, maxIdsPerAccount: 4 });
        for (const [account, ids] of notes) {
          seen.note(account, ids, DEMO);
          const known = (of: string) => [...'1234567'].filter((id) => seen.scopeOf(of, id) !== undefined);
          const counts = ['a', 'b', 'c'].map((of) => known(of).length);
          expect(Math.max(...counts)).toBeLessThanOrEqual(4);
          expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(6);
          const last = [...new Set(ids.toReversed())].slice(0, 4);
          expect(known(account)).toEqual(expect.arrayContaining(last));
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('what a request names, with the scopes of its IDs', () => {
  const account = { id: 'a', teamName: 'ml-platform' };
  const seen = createSeenIds();
  seen.note('a', ['own'], DEMO);
  seen.note('a', ['open'], scope('research', 'open-data'));
  seen.note('b', ['other'], scope('vision', 'secret'));
  const NOTHING = { entity: undefined, projects: [] };
  test.each([
    ['nothing', [], NOTHING, { entity: undefined, projects: [] }],
    ['an unknown ID', ['new'], NOTHING, { entity: undefined, projects: [] }],
    ['an ID of another account', ['other'], NOTHING, { entity: undefined, projects: [] }],
    ['an ID of its team', ['own'], NOTHING, DEMO],
    ['an ID of an open project', ['open'], NOTHING, scope('research', 'open-data')],
    ['IDs of two teams', ['open', 'own'], NOTHING, scope('research', 'open-data')],
    ['an ID of another team than the named one', ['open'], scope('ml-platform'), scope('ml-platform')],
    [
      'an ID and a project of its own team',
      ['own'],
      { entity: undefined, projects: ['a'] },
      scope('ml-platform', 'a', 'demo'),
    ],
    ['an ID of a project that it names too', ['own'], DEMO, DEMO],
  ])('%s', (_what, ids, named, expected) => {
    expect(withSeenScope(seen, account, ids, named)).toEqual(expected);
  });
});
