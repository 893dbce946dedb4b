import { describe, expect, test } from 'vitest';
import { createLastUses } from '../../../src/application/authority/last-uses.ts';
import type { CredentialUse } from '../../../src/application/ports/authority-store.ts';
import { StoreUnavailableError } from '../../../src/application/ports/store.ts';
import { collectLog } from '../../api/test-server.ts';

const use = (
  keyId: string | undefined,
  atMs: number,
  overrides: Partial<CredentialUse> = {},
): CredentialUse => ({
  accountId: 'sa_1',
  keyId,
  atMs,
  address: '203.0.113.9',
  userAgent: 'wandb/0.26.1',
  ...overrides,
});

/** A store that records the uses, or fails as planned. */
function recording(maxWaiting?: number) {
  const written: CredentialUse[][] = [];
  const failures: Error[] = [];
  const { logger, lines } = collectLog();
  const recordUses = async (uses: readonly CredentialUse[]) => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    written.push([...uses]);
  };
  const lastUses = createLastUses({
    store: { recordUses },
    now: () => 10,
    logger,
    ...(maxWaiting !== undefined && { maxWaiting }),
  });
  return { lastUses, written, failures, lines };
}

const unavailable = () => new StoreUnavailableError('full', { cause: new Error('disk') });

describe('Uses of credentials', () => {
  test('are written in one batch, the newest of each key and of each account’s tokens', async () => {
    const { lastUses, written } = recording();

    lastUses.note(use('a', 3));
    lastUses.note(use('a', 4));
    lastUses.note(use('a', 5));
    lastUses.note(use(undefined, 1));
    lastUses.note(use(undefined, 2, { accountId: 'sa_2' }));
    expect(lastUses.waiting).toBe(3);
    await lastUses.flush();

    expect(written).toEqual([[use('a', 5), use(undefined, 1), use(undefined, 2, { accountId: 'sa_2' })]]);
    expect(lastUses.waiting).toBe(0);
    await lastUses.flush();
    expect(written).toHaveLength(1);
  });

  test('are kept for the next flush if the database is unavailable', async () => {
    const { lastUses, written, failures, lines } = recording();
    failures.push(unavailable());
    lastUses.note(use('a', 1));
    lastUses.note(use('b', 1));

    await lastUses.flush();
    lastUses.note(use('b', 2));
    expect(lastUses.waiting).toBe(2);
    await lastUses.flush();

    expect(written.flat().map(({ keyId, atMs }) => [keyId, atMs])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(lines).toEqual([expect.objectContaining({ level: 40, waiting: 2 })]);
  });

  test('that arrive during a write aren’t lost', async () => {
    const { lastUses, written } = recording();
    lastUses.note(use('a', 1));
    const first = lastUses.flush();
    await Promise.resolve();
    lastUses.note(use('a', 2));
    lastUses.note(use('b', 1));
    await Promise.all([first, lastUses.flush()]);

    expect(written.flat().map(({ keyId, atMs }) => [keyId, atMs])).toEqual([
      ['a', 1],
      ['a', 2],
      ['b', 1],
    ]);
    expect(lastUses.waiting).toBe(0);
  });

  test('that can’t be written don’t hold up later ones', async () => {
    const { lastUses, written, failures, lines } = recording();
    failures.push(new Error('constraint'));
    for (let index = 0; index < 700; index += 1) lastUses.note(use(`key-${index}`, index));

    await lastUses.flush();

    expect(written.flat()).toHaveLength(200);
    expect(lastUses.waiting).toBe(0);
    expect(lines).toEqual([expect.objectContaining({ level: 50, lost: 500 })]);
  });

  test('are bounded: a full memory is written early, and while that fails the oldest are dropped', async () => {
    const { lastUses, written, failures, lines } = recording(10);
    for (let index = 0; index < 10; index += 1) lastUses.note(use(`key-${index}`, index));
    await lastUses.flush();
    expect(written.flat()).toHaveLength(10);

    failures.push(unavailable(), unavailable());
    for (let index = 0; index < 1_000; index += 1) {
      lastUses.note(use(`more-${index}`, index));
      await Promise.resolve();
    }
    expect(lastUses.waiting).toBe(10);
    // One attempt, not one per request.
    expect(lines).toHaveLength(1);
    await lastUses.flush();
    await lastUses.flush();

    expect(
      written
        .slice(1)
        .flat()
        .map(({ keyId }) => keyId),
    ).toEqual(Array.from({ length: 10 }, (_, index) => `more-${990 + index}`));
  });
});

describe('A stored user agent', () => {
  test.each<[string, string | undefined, string | undefined]>([
    ['a missing one', undefined, undefined],
    ['an empty one', ' ', undefined],
    ['an ordinary one', 'wandb/0.26.1 (Linux)', 'wandb/0.26.1 (Linux)'],
    ['control and direction characters', 'a\u0000b\r\nc\u202ed\u2028\u200fe', 'abcde'],
    ['a long one', 'x'.repeat(100_000), 'x'.repeat(200)],
    ['a surrogate pair cut in two', `${'x'.repeat(199)}😀`, `${'x'.repeat(199)}\ufffd`],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['a key in the wrong header', `sdk keysmith_${'a'.repeat(12)}-${'B'.repeat(40)} x`, 'sdk [key] x'],
  ])('is cleaned: %s', async (_what, given, kept) => {
    const { lastUses, written } = recording();
    lastUses.note(use('a', 1, { userAgent: given }));
    await lastUses.flush();

    expect(written.flat()[0]?.userAgent).toBe(kept);
  });
});
