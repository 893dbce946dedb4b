import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCode } from '../bootstrap/exit-code.ts';
import { readTeamsFile } from '../config/teams-file/read-teams-file.ts';
import { type TeamsFile, teamsFileProblemText } from '../config/teams-file/teams-file.ts';
import { type Answers, askQuestions, backendQuestion, initQuestions } from './init-questions.ts';
import { cancelled, type Prompt } from './prompt.ts';

/** A `.env` that `loadConfig` accepts. No answer's form allows a quote, `#` or space where none is quoted here. */
function envText(answers: Answers, secret: string, teamsFileNamesOrganization: boolean): string {
  const slack =
    answers.transport === 'socket'
      ? [
          '# Socket Mode',
          `SLACK_BOT_TOKEN=${quoted(answers.botToken)}`,
          `SLACK_APP_TOKEN=${quoted(answers.appToken)}`,
        ]
      : [
          '# Requests over HTTP, at /slack/events',
          `SLACK_BOT_TOKEN=${quoted(answers.botToken)}`,
          `SLACK_SIGNING_SECRET=${quoted(answers.signingSecret)}`,
        ];
  return [
    '# Settings of Keysmith. The README lists all of them. Keep this file to yourself: it holds secrets.',
    ...slack,
    '',
    ...(answers.publicUrl === undefined
      ? []
      : ['# How Keysmith is reached from outside', `PUBLIC_URL=${quoted(answers.publicUrl)}`, '']),
    ...(answers.backend === 'wandb' ? wandbLines(answers) : []),
    '# Every key at rest depends on it. Keep a copy in a safe place: without it the database is worthless.',
    `KEYSMITH_SECRET=${quoted(secret)}`,
    '',
    ...(teamsFileNamesOrganization ? [] : [`KEYSMITH_ORGANIZATION=${quoted(answers.organization)}`]),
    ...(answers.backend === 'wandb' ? [] : ['KEYSMITH_TEAMS_FILE=teams.yml']),
    'DATABASE_URL=file:./data/keysmith.db',
    '',
  ].join('\n');
}

function wandbLines(answers: Answers): string[] {
  return [
    '# Accounts live on this W&B server, and who is who stands there. The key decides what Keysmith may do.',
    `WANDB_BASE_URL=${quoted(answers.wandbBaseUrl)}`,
    `WANDB_API_KEY=${quoted(answers.wandbApiKey)}`,
    '',
  ];
}

/** An example to go on from, with the first team in it. */
function teamsText(answers: Answers): string {
  const admins = (answers.organizationAdmins ?? '')
    .split(',')
    .map((address) => address.trim().toLowerCase())
    .filter((address) => address !== '');
  return `# Who is who. Keysmith reads this file when it starts: a person who left it loses the role, a team that left it is
# archived and its keys stop. People are known by the confirmed e-mail address of their Slack profile.
organization:
  name: ${JSON.stringify(answers.organization)}
  # May do in every team what its admins may.
  admins: ${JSON.stringify([...new Set(admins)])}

# Who may sign the JWTs of federated service accounts.
issuers:
  - url: https://token.actions.githubusercontent.com

teams:
  - name: ${JSON.stringify(answers.team)}
    # Which external identities the team's admins may register; without any, only organization admins do that.
    # subjects: ["repo:example/*"]
    members:
      # Roles: admin, member, view-only. The W&B user name is the address up to the @, unless stated.
      - { email: ${JSON.stringify(answers.teamAdmin)}, role: admin }
      # - { email: ben@example.com, role: member, username: benj }
    # projects:
    #   - { name: benchmarks, visibility: open } # private (default), public, open, restricted
    #   - { name: secret-sauce, visibility: restricted, service_accounts: [nightly-eval] }
`;
}

/** `parseEnv` takes what stands between single quotes or backticks letter for letter; between double quotes it reads `\\n`. */
function quoted(value = ''): string {
  if (/^[\w+/=:.@-]*$/.test(value)) return value;
  const quote = ["'", '`', '"'].find((candidate) => !value.includes(candidate)) ?? "'";
  return `${quote}${value}${quote}`;
}

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
