import { expect } from 'vitest';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import { runDemoCommand } from '../../src/sandbox/demo-run/demo-run-command.ts';
import type { PageWorkspace } from '../../src/sandbox/slack/protocol/page-protocol.ts';

const ADA = 'U0ADA00001';

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

/** Logs a short run through Keysmith, and returns the last line of `npm run demo-run`. */
export async function logShortRun(baseUrl: string, key: string): Promise<string | undefined> {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  await runDemoCommand(['--steps', '2', '--seconds-per-step', '0'], {
    env: { WANDB_BASE_URL: baseUrl, WANDB_API_KEY: key },
    print,
    printError: print,
    askKey: async () => undefined,
    signal: new AbortController().signal,
  });
  return lines.at(-1);
}
