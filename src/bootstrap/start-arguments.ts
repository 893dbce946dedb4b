import { parseArgs } from 'node:util';
import type { SandboxBackend } from '../config/load-config.ts';

export const startUsage = `Usage: npm start                       run for the workspace in the settings, or the sandbox if none is set
       npm run sandbox                 run a local Slack in the browser, with the built-in backend
       npm run sandbox -- --wandb      the same, with a local W&B server as the backend`;

export interface StartArguments {
  /** Undefined to run what the settings ask for. */
  sandbox: SandboxBackend | undefined;
}

/** Parses the arguments of `node src/main.ts`. Returns undefined if they are invalid. */
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
