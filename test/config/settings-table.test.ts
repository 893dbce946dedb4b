import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settings } from '../../src/config/load-config.ts';

const readmePath = new URL('../../README.md', import.meta.url);

describe.runIf(existsSync(readmePath))('the settings table of the README', () => {
  const rows = existsSync(readmePath)
    ? [...readFileSync(readmePath, 'utf8').matchAll(/^\| `([A-Z][A-Z0-9_]+)` \|/gm)].map((match) => match[1])
    : [];

  it('has a row for every setting of this version', () => {
    const used = settings.map((setting) => setting.name);
    expect(used.filter((name) => !rows.includes(name))).toEqual([]);
  });

  it('names no setting of ours that does not exist', () => {
    const known = new Set<string>(settings.map((setting) => setting.name));
    const ours = rows.filter((name) => name && /^(KEYSMITH|SLACK|WANDB)_/.test(name));
    expect(ours.filter((name) => name && !known.has(name))).toEqual([]);
  });
});
