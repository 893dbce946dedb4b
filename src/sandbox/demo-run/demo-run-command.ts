import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { isLoopback } from '../http/local-server.ts';
import { type DemoOutcome, type DemoProgress, logDemoRun } from './demo-run.ts';
import { failureText, outcomeText } from './outcome-text.ts';
import { exchangeToken, type RunCredential, type RunPath } from './wandb-wire.ts';

const usage = `Usage: npm run demo-run -- [options]

Logs a short demo run with the requests that the wandb SDK sends, to the sandbox or to a real Keysmith or W&B server.

  --project NAME            the W&B project (default: WANDB_PROJECT, or demo)
  --team NAME               the W&B team (default: WANDB_ENTITY, or the key's own)
  --steps NUMBER            how many steps to log (default: 40)
  --seconds-per-step NUMBER seconds from one step to the next (default: 0.6)

WANDB_BASE_URL  the server (default: the sandbox)
WANDB_API_KEY   the key; if it isn't set, you are asked for it, or it is read from standard input
WANDB_IDENTITY_TOKEN_FILE  a file with a JWT to use instead of a key, as in CI jobs`;

interface CommandContext {
  env: Record<string, string | undefined>;
  print: (line: string) => void;
  printError: (line: string) => void;
  /** Asks for the key, or reads it from standard input. Returns undefined if there is none. */
  askKey: () => Promise<string | undefined>;
  /** Interrupts the run: Ctrl-C. */
  signal: AbortSignal;
}

const exitCode = { finished: 0, failed: 1, stopped: 1, interrupted: 130, usage: 64 } as const;

/** Runs `npm run demo-run` and returns its exit code. */
export async function runDemoCommand(args: readonly string[], context: CommandContext): Promise<number> {
  const { env, print, printError, signal } = context;
  const read = readArguments(args, env);
  if (!read.ok) {
    (read.isHelp ? print : printError)(read.text);
    return read.isHelp ? 0 : exitCode.usage;
  }
  const { baseUrl } = read.options;
  const credential = await readCredential(baseUrl, context);
  if (!credential.ok) {
    printError(credential.text);
    return credential.exit;
  }
  const outcome = await logDemoRun({
    ...read.options,
    credential: credential.value,
    signal,
    onProgress: (progress) => {
      for (const line of progressLines(progress, baseUrl)) print(line);
    },
  });
  (outcome.kind === 'finished' ? print : printError)(outcomeText(outcome, { baseUrl }));
  return exitCode[outcome.kind satisfies DemoOutcome['kind']];
}

type Credential = { ok: true; value: RunCredential } | { ok: false; text: string; exit: number };

/** Takes the key, the JWT of a file, or asks for a key. */
async function readCredential(baseUrl: string, { env, askKey, signal }: CommandContext): Promise<Credential> {
  const ofKey = (secret: string): Credential => ({ ok: true, value: { kind: 'api_key', secret } });
  const refuse = (text: string): Credential => ({ ok: false, text, exit: exitCode.usage });
  if (env.WANDB_API_KEY?.trim()) return ofKey(env.WANDB_API_KEY.trim());
  if (!env.WANDB_IDENTITY_TOKEN_FILE) {
    const key = (await askKey())?.trim();
    return key
      ? ofKey(key)
      : refuse('No key. Set WANDB_API_KEY, or paste the key when you are asked for it.');
  }
  const assertion = await readFile(env.WANDB_IDENTITY_TOKEN_FILE, 'utf8').catch(() => undefined);
  if (assertion === undefined)
    return refuse(
      'The file named in WANDB_IDENTITY_TOKEN_FILE can’t be read. Check its path and permissions.',
    );
  const exchanged = await exchangeToken(assertion.trim(), { baseUrl, signal });
  if (exchanged.ok) return exchanged;
  const text = `The JWT wasn’t exchanged. ${failureText(exchanged.failure, { baseUrl })}`;
  return { ok: false, text, exit: exitCode.failed };
}

type Arguments =
  | {
      ok: true;
      options: { baseUrl: string; project: string; entity?: string; steps: number; secondsPerStep: number };
    }
  | { ok: false; isHelp: boolean; text: string };

const optionNames = {
  project: { type: 'string' },
  team: { type: 'string' },
  steps: { type: 'string' },
  'seconds-per-step': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

function readArguments(args: readonly string[], env: CommandContext['env']): Arguments {
  const refuse = (text: string): Arguments => ({ ok: false, isHelp: false, text });
  let values: ReturnType<typeof parseArgs<{ options: typeof optionNames }>>['values'];
  try {
    ({ values } = parseArgs({ args: [...args], options: optionNames }));
  } catch {
    // Node's own message repeats the argument, which may be a key.
    return refuse(usage);
  }
  if (values.help) return { ok: false, isHelp: true, text: usage };
  const steps = Number(values.steps ?? 40);
  const secondsPerStep = Number(values['seconds-per-step'] ?? 0.6);
  if (!Number.isInteger(steps) || steps < 1 || steps > 10_000)
    return refuse('--steps must be a whole number from 1 to 10000.');
  if (!(secondsPerStep >= 0 && secondsPerStep <= 60))
    return refuse('--seconds-per-step must be a number from 0 to 60.');
  const baseUrl = (env.WANDB_BASE_URL?.trim() || sandboxUrl(env.PORT)).replace(/\/+$/, '');
  if (!isUsable(baseUrl)) {
    return refuse(
      'WANDB_BASE_URL must be an https:// URL without a username or password (http:// only for localhost).',
    );
  }
  const entity = values.team ?? env.WANDB_ENTITY;
  return {
    ok: true,
    options: {
      baseUrl,
      project: values.project ?? (env.WANDB_PROJECT || 'demo'),
      ...(entity && { entity }),
      steps,
      secondsPerStep,
    },
  };
}

/** Where Keysmith listens in the sandbox: the port after the page's. */
function sandboxUrl(port: string | undefined): string {
  return `http://localhost:${/^\d{1,5}$/.test(port ?? '') ? Number(port) + 1 : 3001}`;
}

function isUsable(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')));
}

function progressLines(progress: DemoProgress, baseUrl: string): string[] {
  switch (progress.kind) {
    case 'started':
      return [`Logging the run ${progress.displayName}. View it at: ${runLink(baseUrl, progress.at)}`];
    case 'step':
      return [progress.line];
    case 'waiting':
      return [
        `${failureText(progress.failure, { baseUrl })}`,
        `Trying again in ${progress.seconds} seconds.`,
      ];
  }
}

/** The link that the SDK prints: it makes it from `WANDB_BASE_URL`. */
function runLink(baseUrl: string, { entity, project, run }: RunPath): string {
  const page = baseUrl.replace('//api.wandb.ai', '//wandb.ai').replace('//api.', '//app.');
  return `${page}/${[entity, project].map(encodeURIComponent).join('/')}/runs/${encodeURIComponent(run)}`;
}
