import { describe, expect, it } from 'vitest';
import {
  DEFAULT_KEY_LIFETIME_DAYS,
  KEY_LIFETIMES_DAYS,
  keyExpiryMs,
} from '../../../src/domain/accounts/service-account.ts';

describe('The lifetime of a key', () => {
  it('is one of those the form offers, and 90 days by default', () => {
    expect(KEY_LIFETIMES_DAYS).toEqual([30, 90, 180, 365]);
    expect(DEFAULT_KEY_LIFETIME_DAYS).toBe(90);
  });

  it('ends after whole days of 24 hours', () => {
    const createdAtMs = Date.UTC(2026, 0, 15, 12);
    expect(new Date(keyExpiryMs(createdAtMs, 90)).toISOString()).toBe('2026-04-15T12:00:00.000Z');
  });
});
