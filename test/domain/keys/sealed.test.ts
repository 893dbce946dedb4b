import { randomBytes } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { createSealer, deriveKey, type KeyPurpose } from '../../../src/domain/keys/sealed.ts';

const key = new Uint8Array(32).fill(3);

describe('A sealed text', () => {
  it('opens under its own key and differs every time', async () => {
    const sealer = createSealer(key, '1');
    const [first, second] = [await sealer.seal('pepper 🌶'), await sealer.seal('pepper 🌶')];
    expect(first).not.toBe(second);
    expect(await sealer.open(first)).toBe('pepper 🌶');
  });

  it('is a compact JWE with dir, A256GCM and the key’s ID', async () => {
    expect(decodeProtectedHeader(await createSealer(key, 'k7').seal('x'))).toEqual({
      alg: 'dir',
      enc: 'A256GCM',
      kid: 'k7',
    });
  });

  it('doesn’t open under another key, after any change, or if it is random text', async () => {
    const sealer = createSealer(key, '1');
    const sealed = await sealer.seal('pepper');
    expect(await createSealer(new Uint8Array(32).fill(4), '1').open(sealed)).toBeUndefined();
    for (const [index, part] of sealed.split('.').entries()) {
      const parts = sealed.split('.');
      parts[index] = `${part.startsWith('A') ? 'B' : 'A'}${part.slice(1)}`;
      expect(await sealer.open(parts.join('.'))).toBeUndefined();
    }
    for (const junk of ['', 'x', '....', sealed.slice(0, -4), 'é.é.é.é.é']) {
      expect(await sealer.open(junk)).toBeUndefined();
    }
  });
});

describe('A derived key', () => {
  const secret = new Uint8Array(32).fill(9);
  const purposes: KeyPurpose[] = ['audit', 'pepper', 'view-metadata'];

  it('has 256 bits, is stable, and differs for each purpose and secret', () => {
    const keys = purposes.flatMap((purpose) =>
      [secret, randomBytes(32)].map((from) => Buffer.from(deriveKey(from, purpose)).toString('hex')),
    );
    expect(new Set(keys).size).toBe(6);
    for (const derived of keys) expect(derived).toHaveLength(64);
    expect(deriveKey(secret, 'audit')).toEqual(deriveKey(secret, 'audit'));
  });

  it('is the same in every version, because sealed data and signatures stay', () => {
    expect(Buffer.from(deriveKey(secret, 'audit')).toString('hex')).toBe(
      '164bfa4e359ec0b45080b4a745d46d1bc4a027350863bfc961632dae75d58291',
    );
  });
});
