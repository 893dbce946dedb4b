import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type CommandLineDependencies, runCommandLine } from '../../src/cli/command-line.ts';
import { settingsFolder } from '../config/settings-folder.ts';
import { NODE_COMPILE_CACHE } from '../process/main-process.ts';

const entry = fileURLToPath(new URL('../../src/cli/keysmith.ts', import.meta.url));

/** As in the npm script: Node 22 warns about type stripping. */
const QUIET = '--disable-warning=ExperimentalWarning';

/** Runs the command in a process, without a terminal and without the settings of this shell. */
function keysmith(args: string[], cwd = settingsFolder(), env: Record<string, string> = {}) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = {
      cwd,
      env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE, ...env },
      timeout: 25_000,
    };
    const child = execFile(process.execPath, [QUIET, entry, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    child.stdin?.end();
  });
}

describe('The command line as a process', () => {
  it('exits with 64 for an unknown command, and prints nothing to stdout', async () => {
    const { code, stdout, stderr } = await keysmith(['manfest']);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toContain('Did you mean "manifest"?');
  });

  it('prints a manifest with the URL filled in', async () => {
    const { code, stdout, stderr } = await keysmith(['manifest', '--url', 'https://k.example.com/']);
    expect([code, stderr]).toEqual([0, '']);
    expect(parse(stdout).settings.interactivity.request_url).toBe('https://k.example.com/slack/events');
    expect(stdout).not.toContain('keysmith.example.com');
  });

  it('refuses init without a terminal, and writes nothing', async () => {
    const cwd = settingsFolder();
    const { code, stderr } = await keysmith(['init'], cwd);
    expect(code).toBe(64);
    expect(stderr).toContain('needs a terminal');
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('exits doctor with 78 for invalid settings, without printing a value', async () => {
    const env = { SLACK_BOT_TOKEN: 'hunter2', PORT: 'hunter2', KEYSMITH_SECRET: 'hunter2' };
    const { code, stdout, stderr } = await keysmith(['doctor'], settingsFolder(), env);
    expect(code).toBe(78);
    for (const name of ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'KEYSMITH_SECRET', 'PUBLIC_URL', 'PORT']) {
      expect(stdout).toContain(`✗ ${name}: `);
    }
    expect(stdout + stderr).not.toContain('hunter2');
  });
});

/** Runs the command in the test's own process, which is faster. */
async function commandLine(args: readonly string[]) {
  const printed: string[] = [];
  const errors: string[] = [];
  const never = () => {
    throw new Error('Parsing the arguments must not need this.');
  };
  const code = await runCommandLine(args, {
    loadConfig: never,
    cwd: '/nowhere',
    print: (line) => void printed.push(line),
    printError: (line) => void errors.push(line),
    isTerminal: false,
    prompt: new Proxy({} as CommandLineDependencies['prompt'], { get: never }),
    fetch: never,
    inspectDatabase: never,
    openStores: never,
    readInput: never,
    randomBytes: never,
    now: never,
    nodeVersion: '24.0.0',
    timeoutMs: 0,
  });
  return { code, stdout: printed.join('\n'), stderr: errors.join('\n') };
}

describe('The command line', () => {
  it('prints its usage for help', async () => {
    const { code, stdout, stderr } = await commandLine(['help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const command of ['init', 'doctor', 'upstream', 'jobs', 'manifest', 'help'])
      expect(stdout).toContain(`  ${command} `);
  });

  it('prints a manifest for Socket Mode', async () => {
    const { code, stdout, stderr } = await commandLine(['manifest', '--socket']);
    expect([code, stderr]).toEqual([0, '']);
    expect(parse(stdout).settings.socket_mode_enabled).toBe(true);
  });

  it.each([['--help'], ['manifest', '--help'], ['frobnicate', '-h']])(
    'prints its usage for the arguments %s %s',
    async (...args) => {
      const { code, stdout, stderr } = await commandLine(args);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain('Usage: npm run keysmith');
    },
  );

  it.each([
    [[], ''],
    [['frobnicate'], 'Unknown command.'],
    [['doctor', '--verbose'], 'Unknown options for "doctor".'],
    [['jobs', 'frobnicate'], 'Usage: npm run keysmith -- jobs'],
    [['manifest', 'extra'], 'Unknown options for "manifest".'],
    [['manifest', '--socket', '--url', 'https://a.test'], 'Use either --socket or --url'],
    [['manifest', '--url', 'http://a.test'], 'https://'],
    [['manifest', '--url', 'https://u:p@a.test'], 'https://'],
  ])('exits with 64 for the arguments %j, and prints nothing to stdout', async (args, text) => {
    const { code, stdout, stderr } = await commandLine(args);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toContain(text);
  });
});
