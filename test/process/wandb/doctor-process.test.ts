import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isLongForm } from '../../long-form.ts';
import { selfSignedCertificate } from '../../sandbox/wandb/failures/self-signed-certificate.ts';
import { startWandb } from '../../sandbox/wandb/fixture.ts';
import type { LiveSetup } from '../live-setup.ts';
import { startConnectProxy } from './connect-proxy.ts';
import { slackUntilEnd, wandbSetup, writeCertificate } from './wandb-setup.ts';

const ENTRY = join(import.meta.dirname, '../../../src/cli/keysmith.ts');

/** `npm run keysmith -- doctor` with these settings; whatever happens it tells no key. */
function doctor({ cwd, settings }: LiveSetup): Promise<{ code: number; output: string }> {
  const { PATH = '' } = process.env;
  return new Promise((resolve) => {
    const options = { cwd, env: { PATH, ...settings }, timeout: 25_000 };
    execFile(process.execPath, [ENTRY, 'doctor'], options, (error, stdout, stderr) => {
      const output = stdout + stderr;
      expect(output).not.toContain(settings.WANDB_API_KEY);
      resolve({ code: error === null ? 0 : Number(error.code), output });
    });
  });
}

describe('The doctor as a process', () => {
  test('names NODE_EXTRA_CA_CERTS where the server has a private CA, and is content with it', async () => {
    const slack = await slackUntilEnd();
    const https = selfSignedCertificate();
    const setup = wandbSetup(slack, await startWandb({ https, basePath: '/wandb' }));
    const without = await doctor(setup);
    expect(without.output).toContain('✗ W&B server: its certificate is of an authority');
    expect(without.output).toContain('NODE_EXTRA_CA_CERTS');
    expect(without.code).toBe(1);

    setup.settings.NODE_EXTRA_CA_CERTS = writeCertificate(setup, https.cert);
    const withIt = await doctor(setup);
    expect(withIt.output).not.toMatch(/^✗/m);
    expect(withIt.output).toContain('✓ W&B credential, rights: admin of the server');
    expect(withIt.code).toBe(0);
  });

  test.runIf(isLongForm)('goes through HTTPS_PROXY, and names it where it lets nobody through', async () => {
    const slack = await slackUntilEnd();
    const https = selfSignedCertificate('wandb.acme.test');
    const wandb = await startWandb({ https });
    const proxy = await startConnectProxy(Number(new URL(wandb.baseUrl).port));
    const setup = wandbSetup(slack, { ...wandb, baseUrl: 'https://wandb.acme.test' });
    Object.assign(setup.settings, {
      HTTPS_PROXY: proxy.url,
      NODE_EXTRA_CA_CERTS: writeCertificate(setup, https.cert),
    });
    const through = await doctor(setup);
    expect(through.output).toContain('✓ W&B server: answers');
    expect(through.code).toBe(0);
    expect(new Set(proxy.asked)).toEqual(new Set(['wandb.acme.test:443']));

    proxy.refuseWith(407);
    const refused = await doctor(setup);
    expect(refused.output).toContain(
      '✗ W&B server: the proxy of HTTPS_PROXY does not let through to it (407)',
    );
    expect(refused.code).toBe(1);
  });
});
