import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/keys/secret.ts';

describe('A secret', () => {
  const secret = new Secret('keysmith_value');

  it('is returned only by reveal()', () => {
    expect(secret.reveal()).toBe('keysmith_value');
  });

  it.each([
    ['a template string', () => `${secret}`],
    ['a joined list', () => ['a', secret].join(' ')],
    ['JSON.stringify', () => JSON.stringify({ secret })],
    ['util.inspect', () => inspect({ deep: [secret] }, { depth: 9, showHidden: true })],
    ['util.format', () => format('%s %o %j', secret, secret, secret)],
    ['an error message', () => String(new Error(`failed with ${secret}`))],
    ['its entries', () => JSON.stringify(Object.entries(secret))],
    ['a copy', () => JSON.stringify({ ...secret })],
  ])('isn’t printed by %s', (_, print) => {
    expect(print()).not.toContain('keysmith_value');
  });
});
