import { parseArgs } from 'node:util';
import type { SandboxBackend } from '../config/load-config.ts';

export const startUsage = `Usage: npm start                       the real workspace of the settings; without any, the sandbox
       npm run sandbox                 a local Slack in the browser, with the built-in backend
       npm run sandbox -- --wandb      the same, with a local stand-in for a W&B server as the backend`;

export interface StartArguments {
  /** Undefined: what the settings ask for. */
  sandbox: SandboxBackend | undefined;
}

/** What `node src/main.ts` is to run; undefined where its arguments are none of ours. */
export function readStartArguments(args: readonly string[]): StartArguments | undefined {
  const [command, ...rest] = args;
  if (command === undefined) return { sandbox: undefined };
  if (command !== 'sandbox') return undefined;
  try {
    const { values } = parseArgs({ args: rest, options: { wandb: { type: 'boolean' } } });
    return { sandbox: values.wandb ? 'local_wandb' : 'builtin' };
  } catch {
    return undefined;
  }
}
