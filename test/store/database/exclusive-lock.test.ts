import { fork } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeExclusiveLock } from '../../../src/store/database/exclusive-lock.ts';
import { settingsFolder } from '../../config/settings-folder.ts';

const MODULE = new URL('../../../src/store/database/exclusive-lock.ts', import.meta.url);

describe('An exclusive lock', () => {
  it('is held by one holder at a time, and can be taken again once it is released', () => {
    const file = join(settingsFolder(), 'new', 'lock');
    const release = takeExclusiveLock(file);
    expect(release).toBeDefined();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(takeExclusiveLock(file)).toBeUndefined();
    release?.();
    const again = takeExclusiveLock(file);
    expect(again).toBeDefined();
    again?.();
  });

  it('ends with its process, even when that is killed', async () => {
    const file = join(settingsFolder(), 'lock');
    const code = `const { takeExclusiveLock } = await import(${JSON.stringify(MODULE)}); takeExclusiveLock(${JSON.stringify(file)}); process.send('held'); setInterval(() => {}, 1000);`;
    const holder = fork('-', {
      execArgv: ['--input-type=module', '-e', code],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await once(holder, 'message');
    expect(takeExclusiveLock(file)).toBeUndefined();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const release = takeExclusiveLock(file);
    expect(release).toBeDefined();
    release?.();
  });
});
