import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import type { PageWorkspace } from '../../src/sandbox/slack/protocol/page-protocol.ts';
import { NODE_COMPILE_CACHE } from './main-process.ts';

const ADA = 'U0ADA00001';
const DEMO_RUN = join(import.meta.dirname, '../../src/sandbox/demo-run/main.ts');

/** Creates an account with a key as Ada, with the requests of the sandbox's page, and returns the key. */
export async function createKeyInSandbox(url: string, name: string): Promise<string> {
  const events = await fetch(`${url}/sandbox/events?as=${ADA}`);
  const read = async (): Promise<PageWorkspace> =>
    (await fetch(`${url}/sandbox/state?as=${ADA}`)).json() as Promise<PageWorkspace>;
  const conversation = (await read()).conversations.find((one) => one.name === 'ml-platform')?.id;
  await post(`${url}/sandbox/command`, { as: ADA, conversation, line: `/wandb sa new ${name}` });
  const form = async () => (await read()).views.find(({ submit }) => submit === 'Create');
  await expect.poll(form, { timeout: 20_000, interval: 50 }).toBeDefined();
  await post(`${url}/sandbox/submit`, { as: ADA, view: (await form())?.id, state: {} });
  return API_KEY_PATTERN.exec(await readUntil(events, API_KEY_PATTERN))?.[0] ?? '';
}

/** Waits until the W&B tab of the sandbox shows a number of finished runs. */
export async function waitForFinishedRuns(url: string, count: number): Promise<void> {
  const events = await fetch(`${url}/sandbox/wandb/events`);
  await readUntil(events, new RegExp(`("state":"finished".*){${count}}`));
}

/** Reads a stream of events up to the one that matches, and closes it. */
async function readUntil({ body }: Response, wanted: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (wanted.test(text)) return text;
  }
  throw new Error('The stream ended');
}

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(await response.json()).toMatchObject({ ok: true });
}

/** Logs a short run through Keysmith with `npm run demo-run`, which reads the key from standard input. Returns what it printed. */
export async function logShortRun(baseUrl: string, key: string): Promise<string> {
  const args = [DEMO_RUN, '--steps', '2', '--seconds-per-step', '0'];
  const env = { PATH: process.env.PATH, NODE_COMPILE_CACHE, WANDB_BASE_URL: baseUrl };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env, timeout: 25_000 }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    child.stdin?.end(`${key}\n`);
  });
}
