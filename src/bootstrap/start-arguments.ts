import { parseArgs } from 'node:util';
import type { SandboxBackend } from '../config/load-config.ts';

export const startUsage = `Usage: npm start                       run for the workspace in the settings, or the sandbox if none is set
       npm run sandbox                 run a local Slack in the browser, with the built-in backend
       npm run sandbox -- --wandb      the same, with a local W&B server as the backend
       npm run sandbox -- --wandb-version 0.84
                                       the same, with what W&B 0.84 can do: SCIM, the audit log, keys shown once`;

export interface StartArguments {
  /** Undefined to run what the settings ask for. */
  sandbox: SandboxBackend | undefined;
  /** The version that the sandbox's W&B server behaves like, as it was typed. */
  wandbVersion?: string | undefined;
}

/** Parses the arguments of `node src/main.ts`. Returns undefined if they are invalid. */
export function readStartArguments(args: readonly string[]): StartArguments | undefined {
  const [command, ...rest] = args;
  if (command === undefined) return { sandbox: undefined };
  if (command !== 'sandbox') return undefined;
  try {
    const options = { wandb: { type: 'boolean' }, 'wandb-version': { type: 'string' } } as const;
    const { wandb, 'wandb-version': wandbVersion } = parseArgs({ args: rest, options }).values;
    return { sandbox: wandb || wandbVersion !== undefined ? 'local_wandb' : 'builtin', wandbVersion };
  } catch {
    return undefined;
  }
}
