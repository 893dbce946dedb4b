import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/keys/secret.ts';

describe('a secret', () => {
  const secret = new Secret('keysmith_value');

  it('is given to who asks for it by name', () => {
    expect(secret.reveal()).toBe('keysmith_value');
  });

  it.each([
    ['a template', () => `${secret}`],
    ['a list', () => ['a', secret].join(' ')],
    ['JSON', () => JSON.stringify({ secret })],
    ['inspection', () => inspect({ deep: [secret] }, { depth: 9, showHidden: true })],
    ['formatting', () => format('%s %o %j', secret, secret, secret)],
    ['an error', () => String(new Error(`failed with ${secret}`))],
    ['its entries', () => JSON.stringify(Object.entries(secret))],
    ['a copy', () => JSON.stringify({ ...secret })],
  ])('does not show itself in %s', (_, print) => {
    expect(print()).not.toContain('keysmith_value');
  });
});
