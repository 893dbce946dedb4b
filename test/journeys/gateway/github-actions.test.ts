import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { runDemoCommand } from '../../../src/sandbox/demo-run/demo-run-command.ts';
import { acmeTeams } from '../../world/acme-teams.ts';
import { type GatewayWorld, startGatewayWorld } from '../../world/gateway-world.ts';
import { sharedSigningPair, signJwt } from '../../world/issuer-server.ts';
import { openForm } from '../../world/new-account-form.ts';
import { fillFederated } from '../steps.ts';

const GITHUB = 'https://token.actions.githubusercontent.com';
const SUBJECT = 'repo:acme/train:ref:refs/heads/main';

interface Workflow {
  permissions: Record<string, string>;
  jobs: { train: { env: Record<string, string>; steps: { run?: string; uses?: string }[] } };
}

/** The workflow as docs/api.md shows it. */
function documentedWorkflow(): Workflow {
  const text = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
  const section = text.slice(text.indexOf('## GitHub Actions without a stored secret'));
  expect(section.slice(0, section.indexOf('```'))).toContain(`\`${SUBJECT}\``);
  return parse(/```yaml\n(.*?)```/s.exec(section)?.[1] ?? '');
}

function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let world: GatewayWorld;

beforeAll(async () => {
  const pair = await sharedSigningPair('RS256');
  const issuers = acmeTeams().issuers.map((issuer) =>
    issuer.url === GITHUB ? { ...issuer, jwks: { keys: [pair.publicJwk] } } : issuer,
  );
  world = await startGatewayWorld({ organization: { issuers } });
  const ada = world.workspace.slack.as('Ada');
  await openForm(ada, 'ml-platform', '/wandb sa new train');
  await fillFederated(ada, SUBJECT);
  await ada.submit();
  await ada.waitForMessage('ml-platform', SUBJECT);
});
afterAll(() => world.stop());

/** Gives a job its JWT as GitHub does, and returns the URL and what a job asked with. */
async function startTokenService() {
  const asked: { authorization: string | undefined; audience: string | null }[] = [];
  const server = createServer(async (request, response) => {
    const audience = new URL(request.url ?? '', 'http://localhost').searchParams.get('audience');
    asked.push({ authorization: request.headers.authorization, audience });
    const nowSeconds = Math.floor(Date.now() / 1000);
    const claims = { iss: GITHUB, sub: SUBJECT, aud: audience ?? '', iat: nowSeconds, exp: nowSeconds + 300 };
    response.end(JSON.stringify({ value: await signJwt(await sharedSigningPair('RS256'), claims) }));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token?api-version=2.0` };
}

test.runIf(hasProgram('curl') && hasProgram('jq'))(
  'The commands of the documented GitHub Actions workflow get a JWT with which a run is logged, without a stored secret',
  async () => {
    const { permissions, jobs } = documentedWorkflow();
    expect(permissions['id-token']).toBe('write');
    const commands = jobs.train.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
    const [getToken = '', train] = commands;
    const workspace = mkdtempSync(join(tmpdir(), 'keysmith-actions-'));
    onTestFinished(() => rmSync(workspace, { recursive: true }));
    const tokens = await startTokenService();
    const ofJob = Object.fromEntries(
      Object.entries(jobs.train.env).map(([name, value]) => [
        name,
        value.replace(/\$\{\{ github\.workspace \}\}/, workspace),
      ]),
    );
    expect(Object.keys(ofJob).sort()).toEqual(['WANDB_BASE_URL', 'WANDB_IDENTITY_TOKEN_FILE']);
    const env = { ...ofJob, WANDB_BASE_URL: world.baseUrl };

    await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', getToken], {
      env: {
        ...env,
        PATH: process.env.PATH,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'token-of-the-job',
        ACTIONS_ID_TOKEN_REQUEST_URL: tokens.url,
      },
    });
    expect(tokens.asked).toEqual([{ authorization: 'bearer token-of-the-job', audience: 'acme' }]);

    // In place of Python and the SDK, which speaks the same wire.
    expect([train, commands.length]).toEqual(['pip install wandb && python train.py', 2]);
    const lines: string[] = [];
    const print = (line: string) => void lines.push(line);
    const exit = await runDemoCommand(['--steps', '2', '--seconds-per-step', '0'], {
      env,
      print,
      printError: print,
      askKey: async () => undefined,
      signal: new AbortController().signal,
    });
    expect([exit, lines.at(-1)], lines.join('\n')).toEqual([0, 'The run finished.']);
    expect(world.upstream.runs.store.runs()).toMatchObject([
      { exitCode: 0, project: { entity: 'ml-platform' } },
    ]);
  },
);
