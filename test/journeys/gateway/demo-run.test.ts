import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDemoCommand } from '../../../src/sandbox/demo-run/demo-run-command.ts';
import { createPanelDemoRuns } from '../../../src/sandbox/demo-run/panel-demo-runs.ts';
import { type GatewayWorld, startGatewayWorld } from '../../world/gateway-world.ts';
import { endAccount } from '../steps.ts';

let world: GatewayWorld;

beforeAll(async () => {
  world = await startGatewayWorld();
});
afterAll(() => world.stop());

/** Runs `npm run demo-run` with the account's key, and returns what it printed. */
async function demoRun(onLine: (line: string) => unknown = () => {}, key = world.key) {
  const lines: string[] = [];
  const print = (line: string) => {
    lines.push(line);
    onLine(line);
  };
  const exit = await runDemoCommand(['--steps', '5', '--seconds-per-step', '0.02'], {
    env: { WANDB_BASE_URL: `${world.baseUrl}/`, WANDB_API_KEY: key },
    print,
    printError: print,
    askKey: async () => undefined,
    signal: new AbortController().signal,
  });
  return { exit, lines, text: lines.join('\n') };
}

test('A demo run with a new account’s key appears in W&B through the gateway, and finishes', async () => {
  const { exit, lines, text } = await demoRun();
  expect([exit, lines.at(-1)], text).toEqual([0, 'The run finished.']);
  const [run] = world.upstream.runs.store.runs();
  const path = `${run?.project.entity}/${run?.project.name}/runs/${run?.name}`;
  expect(path).toMatch(/^ml-platform\/demo\/runs\//);
  expect(lines[0]).toContain(`View it at: ${world.baseUrl}/${path}`);
  expect(run).toMatchObject({ exitCode: 0 });
  expect(run?.history.count()).toBe(5);
  expect(run?.files.size).toBe(3);
  expect(world.upstream.runs.artifacts.list()).toMatchObject([{ state: 'COMMITTED' }]);
  expect(text).not.toContain(world.key);
  const link = await fetch(`${world.baseUrl}/${path}`, { redirect: 'manual' });
  expect(link.headers.get('location')).toBe(`https://wandb.acme.test/${path}`);
});

test('A demo run with a key that Keysmith doesn’t know says so, and what to check', async () => {
  const { exit, text } = await demoRun(
    undefined,
    `${world.key.slice(0, -1)}${world.key.endsWith('x') ? 'y' : 'x'}`,
  );
  expect(exit).toBe(1);
  expect(text).toMatch(
    /^The run wasn’t started\. The server refused the key \(401\)\. .*Keysmith.* Check that you pasted the whole key/,
  );
  expect(text).not.toContain(world.key.slice(0, -1));
});

test('A demo run of the panel stops when its account is revoked, and the panel shows why', async () => {
  const ada = world.workspace.slack.as('Ada');
  const demoRuns = createPanelDemoRuns({ baseUrl: world.baseUrl, steps: 1000, secondsPerStep: 0.02 });
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  demoRuns.onChange(() => {
    const current = demoRuns.current();
    if (current.state === 'running' && current.step > 0) started.resolve();
    if (current.state !== 'running') ended.resolve();
  });
  expect(demoRuns.start(world.key)).toBe(true);
  expect(demoRuns.start(world.key)).toBe(false);
  await started.promise;
  await endAccount(ada, 'ml-platform', '/wandb sa revoke nightly-eval');
  await ended.promise;
  expect(demoRuns.current()).toMatchObject({
    state: 'stopped',
    text: expect.stringMatching(/^The run was stopped after step \d+: .*revoked/),
    at: { entity: 'ml-platform', project: 'demo' },
  });
  expect(JSON.stringify(demoRuns.current())).not.toContain(world.key);
  await demoRuns.stop();

  const again = await demoRun();
  expect(again.exit).toBe(1);
  expect(again.text).toContain('(401)');
});
