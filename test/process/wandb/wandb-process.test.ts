import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/domain/keys/secret.ts';
import type { DrivenSlack } from '../../driver/driven-slack.ts';
import type { DrivenWandb } from '../../driver/driven-wandb.ts';
import { isLongForm } from '../../long-form.ts';
import { selfSignedCertificate } from '../../sandbox/wandb/failures/self-signed-certificate.ts';
import { startWandb } from '../../sandbox/wandb/wandb-calls.ts';
import { openForm } from '../../world/new-account-form.ts';
import { createDatabase, liveSetup, secrets } from '../live-setup.ts';
import { fatalLine, freePort, type MainProcess, startMain } from '../main-process.ts';
import { startConnectProxy } from './connect-proxy.ts';
import { startKeysmithProcess, startSlackForTest, wandbSetup, writeCertificate } from './wandb-setup.ts';

const NEW_KEY = /local-[0-9a-f]{40}/;

/** Creates an account in Slack. Returns its key and the blocks of the message that showed it. */
async function createAccount(slack: DrivenSlack, name: string): Promise<{ key: string; shown: string }> {
  const ada = slack.as('Ada');
  await openForm(ada, 'ml-platform', `/wandb service-account new ${name}`);
  await ada.submit();
  const message = await ada.waitForMessage('ml-platform', NEW_KEY);
  const shown = JSON.stringify(message.blocks);
  return { key: NEW_KEY.exec(shown)?.[0] ?? '', shown };
}

/** Expects no secret in the output of a process that logs at level trace. */
function expectNoSecrets(main: MainProcess, { apiKey }: DrivenWandb, ...others: string[]): void {
  expect(main.output()).toContain('"level":20');
  const basic = Buffer.from(`api:${apiKey}`).toString('base64');
  for (const secret of [apiKey, basic, ...others, ...Object.values(secrets)]) {
    expect(main.output()).not.toContain(secret);
  }
}

async function stop(main: MainProcess): Promise<void> {
  main.signal('SIGTERM');
  expect(await main.ended).toMatchObject({ code: 0 });
}

describe('The process with a W&B server as its backend', () => {
  test('reaches a server over HTTPS, under a path, with a certificate of a private CA', async () => {
    const slack = await startSlackForTest();
    const https = selfSignedCertificate();
    const wandb = await startWandb({ https, basePath: '/wandb' });
    const setup = wandbSetup(slack, wandb);
    setup.settings.NODE_EXTRA_CA_CERTS = writeCertificate(setup, https.cert);
    const main = await startKeysmithProcess(slack, setup);

    const { key, shown } = await createAccount(slack, 'nightly-eval');
    expect(wandb.activeKeys().map(({ secret }) => secret)).toContain(key);
    expect(
      wandb
        .team('ml-platform')
        .serviceAccounts()
        .map(({ name }) => name),
    ).toEqual([expect.stringMatching(/^nightly-eval-ks[a-z2-7]{13}$/)]);
    expect(shown).toContain(`WANDB_BASE_URL=${wandb.baseUrl}`);
    expectNoSecrets(main, wandb, key);
    await stop(main);
  });

  test.runIf(isLongForm)('reaches the server only through HTTPS_PROXY', async () => {
    const slack = await startSlackForTest();
    const https = selfSignedCertificate('wandb.acme.test');
    const wandb = await startWandb({ https, basePath: '/wandb' });
    const proxy = await startConnectProxy(Number(new URL(wandb.baseUrl).port));
    const baseUrl = 'https://wandb.acme.test/wandb';
    const setup = wandbSetup(slack, { ...wandb, baseUrl });
    Object.assign(setup.settings, {
      HTTPS_PROXY: proxy.url,
      NODE_EXTRA_CA_CERTS: writeCertificate(setup, https.cert),
    });
    const main = await startKeysmithProcess(slack, setup);

    const { key, shown } = await createAccount(slack, 'nightly-eval');
    expect(wandb.activeKeys().map(({ secret }) => secret)).toContain(key);
    expect(shown).toContain(`WANDB_BASE_URL=${baseUrl}`);
    // Slack is on localhost, which is never reached through a proxy.
    expect(new Set(proxy.asked)).toEqual(new Set(['wandb.acme.test:443']));
    expectNoSecrets(main, wandb, key);
    await stop(main);
  });

  test('starts while the server is down, reports that in Slack, and works once the server is up', async () => {
    const slack = await startSlackForTest();
    const port = await freePort();
    const stopped = await startWandb();
    await stopped.stop();
    const { apiKey } = stopped;
    const setup = wandbSetup(slack, { apiKey, baseUrl: `http://127.0.0.1:${port}` });
    const main = await startKeysmithProcess(slack, setup);
    const ada = slack.as('Ada');
    await ada.command('ml-platform', '/wandb service-account list');
    await ada.waitForMessage('ml-platform', /W&B server.*Reference/s);

    const wandb = await startWandb({ port, apiKey });
    const { key } = await createAccount(slack, 'nightly-eval');
    expectNoSecrets(main, wandb, key);
    await stop(main);
  });
});

test.runIf(isLongForm)(
  'A process exits with 0 within ten seconds of SIGTERM even if the W&B server never responds',
  async () => {
    const slack = await startSlackForTest();
    const wandb = await startWandb();
    const main = await startKeysmithProcess(slack, wandbSetup(slack, wandb));
    wandb.failures.set('createServiceAccount', { kind: 'timeout' });
    const ada = slack.as('Ada');
    await openForm(ada, 'ml-platform', '/wandb service-account new nightly-eval');
    await ada.submit();
    const isAsked = () =>
      wandb.requests.some(({ operations }) => operations.includes('createServiceAccount'));
    await expect.poll(isAsked, { timeout: 10_000 }).toBe(true);
    const signalledAtMs = performance.now();
    main.signal('SIGTERM');
    main.signal('SIGTERM');

    expect(await main.ended).toMatchObject({ code: 0 });
    expect(performance.now() - signalledAtMs).toBeLessThan(10_000);
    expectNoSecrets(main, wandb);
  },
);

describe('A start with the wrong backend', () => {
  test.runIf(isLongForm)(
    'exits with 78 and leaves a built-in database unchanged when a W&B server is set',
    async () => {
      const slack = await startSlackForTest();
      const wandb = await startWandb();
      const setup = wandbSetup(slack, wandb);
      await createDatabase(setup, slack);
      const before = readFileSync(setup.databaseFile);
      const main = startMain(setup.cwd, setup.settings);

      expect(await main.ended).toMatchObject({ code: 78 });
      expect(fatalLine(main)).toContain('take WANDB_BASE_URL and WANDB_API_KEY away');
      expect(main.output()).not.toContain(wandb.apiKey);
      expect(readFileSync(setup.databaseFile).equals(before)).toBe(true);
    },
  );

  test.runIf(isLongForm)(
    'exits with 78 and leaves a W&B database unchanged when no W&B server is set',
    async () => {
      const slack = await startSlackForTest();
      const { baseUrl, apiKey } = await startWandb();
      const setup = liveSetup(slack.apiUrl);
      await createDatabase(setup, slack, { backend: { kind: 'wandb', baseUrl, apiKey: new Secret(apiKey) } });
      const before = readFileSync(setup.databaseFile);
      const main = startMain(setup.cwd, setup.settings);

      expect(await main.ended).toMatchObject({ code: 78 });
      expect(fatalLine(main)).toContain('Set WANDB_BASE_URL and WANDB_API_KEY again');
      expect(readFileSync(setup.databaseFile).equals(before)).toBe(true);
    },
  );

  test.runIf(isLongForm)(
    'exits with 78 and leaves a W&B database unchanged when another server is set that isn’t its moved one',
    async () => {
      const slack = await startSlackForTest();
      const [wandb, other] = [await startWandb(), await startWandb()];
      const setup = wandbSetup(slack, other);
      const { baseUrl, apiKey } = wandb;
      await createDatabase(setup, slack, { backend: { kind: 'wandb', baseUrl, apiKey: new Secret(apiKey) } });
      const before = readFileSync(setup.databaseFile);
      for (const movedFrom of [undefined, `${baseUrl}/other`]) {
        const settings = { ...setup.settings, ...(movedFrom && { KEYSMITH_WANDB_MOVED_FROM: movedFrom }) };
        const main = startMain(setup.cwd, settings);
        expect(await main.ended).toMatchObject({ code: 78 });
        expect(fatalLine(main)).toContain(`live on the W&B server at ${baseUrl}`);
        expect(fatalLine(main)).toContain('point DATABASE_URL at another file');
      }
      expect(readFileSync(setup.databaseFile).equals(before)).toBe(true);
      expect(other.requests).toEqual([]);
    },
  );

  test('exits with 78 and names both settings of the server, without a value, when both are invalid', async () => {
    const slack = await startSlackForTest();
    const wandb = await startWandb();
    const setup = wandbSetup(slack, { ...wandb, baseUrl: 'http://hidden.acme.test' });
    setup.settings.WANDB_API_KEY = wandb.apiKey.slice(0, -1);
    const main = startMain(setup.cwd, setup.settings);

    expect(await main.ended).toMatchObject({ code: 78 });
    expect(main.output()).toMatch(/^ {2}WANDB_BASE_URL: /m);
    expect(main.output()).toMatch(/^ {2}WANDB_API_KEY: /m);
    expect(main.output()).not.toMatch(/hidden|local-/);
  });
});
