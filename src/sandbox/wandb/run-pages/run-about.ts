import type { RunAbout } from '../../slack/protocol/runs-protocol.ts';
import { isRecord, jsonObject, type Run, runFileKey } from '../runs/run.ts';
import type { StoredContents } from '../runs/stored-contents.ts';
import { shortened } from './shown-values.ts';

type Values = Record<string, unknown>;

const MAX_TEXT_LENGTH = 500;
const MAX_NOTES_LENGTH = 2000;
const MAX_METADATA_BYTES = 2 ** 18;

/** Reads what the SDK has reported about the machine and the script: in the config, and in a file that it uploads. */
export function runAbout(run: Run, contents: StoredContents): RunAbout {
  const file = contents.get(runFileKey(run, 'wandb-metadata.json'));
  const isRead = file && file.bytes.length <= MAX_METADATA_BYTES;
  const metadata: Values = (isRead && jsonObject(file.bytes.toString())) || {};
  const sdk = sdkValues(run.config);
  const git = isRecord(metadata.git) ? metadata.git : {};
  return {
    notes: text(run.notes, MAX_NOTES_LENGTH),
    group: text(run.group),
    jobType: text(run.jobType),
    host: text(run.host ?? metadata.host),
    os: text(metadata.os),
    python: text(metadata.python ?? sdk.python_version),
    sdk: text(sdk.cli_version),
    command: commandOf(run, metadata),
    // A remote can be `https://user:token@host/…`.
    gitRemote: text(run.repo ?? git.remote)?.replace(/^([a-z+]+:\/\/)[^/]*@/i, '$1') ?? null,
    gitCommit: text(run.commit ?? git.commit),
  };
}

/** The config's own part of the SDK. */
function sdkValues(config: string): Values {
  if (config.length > MAX_METADATA_BYTES) return {};
  const own = jsonObject(config)?._wandb;
  return isRecord(own) && isRecord(own.value) ? own.value : {};
}

function commandOf(run: Run, { program, args }: Values): string | null {
  const script = text(run.program ?? program);
  const words = Array.isArray(args) ? args.filter((word) => typeof word === 'string') : [];
  return script && shortened([script, ...words].join(' '), MAX_TEXT_LENGTH);
}

function text(value: unknown, maxLength = MAX_TEXT_LENGTH): string | null {
  return typeof value === 'string' && value !== '' ? shortened(value, maxLength) : null;
}
