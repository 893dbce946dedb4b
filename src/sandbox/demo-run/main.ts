import { createInterface } from 'node:readline/promises';
import { isCancel, password } from '@clack/prompts';
import { runDemoCommand } from './demo-run-command.ts';

/** Doesn't show what the person pastes. */
async function askKey(): Promise<string | undefined> {
  if (!process.stdin.isTTY) return firstLine();
  const key = await password({ message: 'The account’s API key, from its message in Slack' });
  return isCancel(key) ? undefined : key;
}

async function firstLine(): Promise<string | undefined> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return undefined;
}

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
process.once('SIGTERM', () => interrupt.abort());
process.exitCode = await runDemoCommand(process.argv.slice(2), {
  env: process.env,
  print: (line) => void process.stdout.write(`${line}\n`),
  printError: (line) => void process.stderr.write(`${line}\n`),
  askKey,
  signal: interrupt.signal,
});
