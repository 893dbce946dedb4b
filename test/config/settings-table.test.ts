import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settings } from '../../src/config/settings.ts';

const page = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8');

describe('The table in docs/settings.md', () => {
  const rows = [...page.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \|/gm)].map((match) => match[1]);

  it('has a row for every setting of this version', () => {
    const used = settings.map((setting) => setting.name);
    expect(used.filter((name) => !rows.includes(name))).toEqual([]);
  });

  it('has no row for a setting that doesn’t exist', () => {
    const known = new Set<string>(settings.map((setting) => setting.name));
    const ours = rows.filter((name) => name && /^(KEYSMITH|SLACK|WANDB)_/.test(name));
    expect(ours.filter((name) => name && !known.has(name))).toEqual([]);
  });
});
