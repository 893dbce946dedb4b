import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isLongForm } from '../../long-form.ts';
import { selfSignedCertificate } from '../../sandbox/wandb/failures/self-signed-certificate.ts';
import { startWandb } from '../../sandbox/wandb/wandb-calls.ts';
import type { LiveSetup } from '../live-setup.ts';
import { NODE_COMPILE_CACHE } from '../main-process.ts';
import { startConnectProxy } from './connect-proxy.ts';
import { startSlackForTest, wandbSetup, writeCertificate } from './wandb-setup.ts';

const ENTRY = join(import.meta.dirname, '../../../src/cli/keysmith.ts');

/** Runs `npm run keysmith -- doctor` with these settings, and expects no API key in its output. */
function runDoctor({ cwd, settings }: LiveSetup): Promise<{ code: number; output: string }> {
  const { PATH = '' } = process.env;
  return new Promise((resolve) => {
    const options = { cwd, env: { PATH, NODE_COMPILE_CACHE, ...settings }, timeout: 25_000 };
    execFile(process.execPath, [ENTRY, 'doctor'], options, (error, stdout, stderr) => {
      const output = stdout + stderr;
      expect(output).not.toContain(settings.WANDB_API_KEY);
      resolve({ code: error === null ? 0 : Number(error.code), output });
    });
  });
}

describe('The doctor as a process', () => {
  test.runIf(isLongForm)(
    'asks for NODE_EXTRA_CA_CERTS when the server has a private CA, and passes once it is set',
    async () => {
      const slack = await startSlackForTest();
      const https = selfSignedCertificate();
      const setup = wandbSetup(slack, await startWandb({ https, basePath: '/wandb' }));
      const without = await runDoctor(setup);
      expect(without.output).toContain('✗ W&B server: its certificate is signed by an authority');
      expect(without.output).toContain('NODE_EXTRA_CA_CERTS');
      expect(without.code).toBe(1);

      setup.settings.NODE_EXTRA_CA_CERTS = writeCertificate(setup, https.cert);
      const withCertificate = await runDoctor(setup);
      expect(withCertificate.output).not.toMatch(/^✗/m);
      expect(withCertificate.output).toContain('✓ W&B credential, permissions: server admin');
      expect(withCertificate.code).toBe(0);
    },
  );

  test.runIf(isLongForm)(
    'goes through HTTPS_PROXY, and names the proxy when it refuses the connection',
    async () => {
      const slack = await startSlackForTest();
      const https = selfSignedCertificate('wandb.acme.test');
      const wandb = await startWandb({ https });
      const proxy = await startConnectProxy(Number(new URL(wandb.baseUrl).port));
      const setup = wandbSetup(slack, { ...wandb, baseUrl: 'https://wandb.acme.test' });
      Object.assign(setup.settings, {
        HTTPS_PROXY: proxy.url,
        NODE_EXTRA_CA_CERTS: writeCertificate(setup, https.cert),
      });
      const through = await runDoctor(setup);
      expect(through.output).toContain('✓ W&B server: reachable');
      expect(through.code).toBe(0);
      expect(new Set(proxy.asked)).toEqual(new Set(['wandb.acme.test:443']));

      proxy.refuseWith(407);
      const refused = await runDoctor(setup);
      expect(refused.output).toContain('✗ W&B server: the proxy in HTTPS_PROXY refused the connection (407)');
      expect(refused.code).toBe(1);
    },
  );
});
