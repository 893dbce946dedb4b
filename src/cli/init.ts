import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTeamsFile } from '../teams-file/read-teams-file.ts';
import { type TeamsFile, teamsFileProblemText } from '../teams-file/teams-file.ts';
import { exitCode } from './exit-code.ts';
import { envText, teamsText } from './init-files.ts';
import { type Answers, askQuestions, backendQuestion, initQuestions } from './init-questions.ts';
import { cancelled, type Prompt } from './prompt.ts';

export interface InitDependencies {
  cwd: string;
  prompt: Prompt;
  isTerminal: boolean;
  printError(line: string): void;
}

/**
 * Asks for what a real workspace needs and writes `.env` and, where there is none, `teams.yml`. Touches no file that exists,
 * and writes nothing before every question is answered.
 */
export async function runInit(dependencies: InitDependencies): Promise<number> {
  const { cwd, prompt, printError } = dependencies;
  if (!dependencies.isTerminal) {
    printError(
      'init asks questions and needs a terminal. Without one, write .env yourself: the README lists the settings.',
    );
    return exitCode.usage;
  }
  if (existsSync(join(cwd, '.env'))) {
    printError(
      'There is a .env already; nothing was changed. Edit it, or move it away and run init again; then keep its',
    );
    printError(
      'KEYSMITH_SECRET if you keep the database. "npm run keysmith -- doctor" checks the settings that you have.',
    );
    return exitCode.failure;
  }
  const chosen = await askQuestions(prompt, [backendQuestion], {});
  if (chosen === cancelled) return leave(dependencies);
  const isBuiltin = chosen.backend === 'builtin';
  const existing = isBuiltin ? readExistingTeams(cwd) : { teams: undefined, problems: [] };
  if (existing.problems.length > 0) {
    printError(
      'There is a teams.yml with problems; nothing was changed. Mend it, or move it away, and run init again:',
    );
    for (const problem of existing.problems) printError(`  ${problem}`);
    return exitCode.settings;
  }
  const answers = await askAll(prompt, existing.teams, chosen);
  if (answers === cancelled) return leave(dependencies);
  return writeFiles(dependencies, answers, existing.teams);
}

function leave({ printError }: InitDependencies): number {
  printError('Cancelled: nothing was written.');
  return exitCode.interrupted;
}

function readExistingTeams(cwd: string): { teams: TeamsFile | undefined; problems: string[] } {
  const path = join(cwd, 'teams.yml');
  if (!existsSync(path)) return { teams: undefined, problems: [] };
  const result = readTeamsFile(path, 'teams.yml');
  return result.ok
    ? { teams: result.teamsFile, problems: [] }
    : { teams: undefined, problems: result.problems.map(teamsFileProblemText) };
}

async function askAll(
  prompt: Prompt,
  teams: TeamsFile | undefined,
  chosen: Answers,
): Promise<Answers | typeof cancelled> {
  const questions = initQuestions({
    teams: teams !== undefined || chosen.backend === 'wandb',
    organizationName: teams?.organization.name !== undefined,
  });
  const first = await askQuestions(prompt, questions.first, chosen);
  if (first === cancelled) return cancelled;
  prompt.note('Make the Slack app', appInstructions(first));
  if (teams !== undefined) prompt.note('teams.yml', 'There is one already. It is used as it stands.');
  return askQuestions(prompt, questions.afterwards, first);
}

function appInstructions(answers: Answers): string {
  const options = answers.transport === 'socket' ? '--socket' : `--url ${answers.publicUrl}`;
  return [
    `1. In another terminal: npm run --silent keysmith -- manifest ${options}`,
    '2. https://api.slack.com/apps: Create New App, From a manifest; paste what it printed.',
    '3. Install the app to the workspace (Install App).',
    ...(answers.transport === 'socket'
      ? ['4. Basic Information, App-Level Tokens: make one with the scope connections:write.']
      : []),
    'The next questions ask for its tokens. What you type is not shown.',
  ].join('\n');
}

function writeFiles(dependencies: InitDependencies, answers: Answers, teams: TeamsFile | undefined): number {
  const { cwd, prompt, printError } = dependencies;
  const secret = randomBytes(32).toString('base64');
  const makesTeamsFile = answers.backend === 'builtin' && teams === undefined;
  const namesOrganization = makesTeamsFile || teams?.organization.name !== undefined;
  const files = [
    ...(makesTeamsFile ? [{ name: 'teams.yml', text: teamsText(answers), mode: 0o644 }] : []),
    { name: '.env', text: envText(answers, secret, namesOrganization), mode: 0o600 },
  ];
  const written: string[] = [];
  for (const { name, text, mode } of files) {
    const path = join(cwd, name);
    try {
      // `wx`: a file that came to be meanwhile is not overwritten.
      writeFileSync(path, text, { mode, flag: 'wx' });
      written.push(path);
    } catch (error) {
      for (const earlier of written) rmSync(earlier, { force: true });
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      printError(
        `${name} could not be written (${code}); nothing was changed. May this user write to this folder?`,
      );
      return exitCode.failure;
    }
  }
  prompt.note('Written', files.map(({ name }) => name).join(', '));
  prompt.note('Next', nextSteps(makesTeamsFile));
  return exitCode.success;
}

function nextSteps(newTeamsFile: boolean): string {
  return [
    ...(newTeamsFile ? ['Look through teams.yml: add members, teams and projects.'] : []),
    'npm run keysmith -- doctor   checks everything and says what to mend',
    'npm start                    runs Keysmith',
    'In Slack: /wandb service-account new, in any conversation. Inviting the app to a channel',
    '(/invite @Keysmith) lets it answer there also when Slack’s own reply address has run out.',
  ].join('\n');
}
