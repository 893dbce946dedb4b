import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCode } from '../bootstrap/exit-code.ts';
import { readTeamsFile } from '../config/teams-file/read-teams-file.ts';
import { type TeamsFile, teamsFileProblemText } from '../config/teams-file/teams-file.ts';
import { type Answers, askQuestions, backendQuestion, initQuestions } from './init-questions.ts';
import { cancelled, type Prompt } from './prompt.ts';

export interface InitDependencies {
  cwd: string;
  prompt: Prompt;
  isTerminal: boolean;
  printError(line: string): void;
}

/**
 * Asks for the settings of a workspace, then writes `.env` and, if there is none and one is wanted, `teams.yml`. Never changes an existing file,
 * and writes nothing until every question is answered. Returns the exit code.
 */
export async function runInit(dependencies: InitDependencies): Promise<number> {
  const { cwd, prompt, printError } = dependencies;
  if (!dependencies.isTerminal) {
    printError(
      'init asks questions and needs a terminal. Without one, write .env yourself: the documentation lists the settings.',
    );
    return exitCode.usage;
  }
  if (existsSync(join(cwd, '.env'))) {
    printError(
      'Nothing was changed: .env already exists. Edit it, or move it away and run init again. If you keep the database,',
    );
    printError(
      'keep its KEYSMITH_SECRET as well. To check your current settings, run "npm run keysmith -- doctor".',
    );
    return exitCode.failure;
  }
  const chosen = await askQuestions(prompt, [backendQuestion], {});
  if (chosen === cancelled) return reportCancelled(dependencies);
  const existing = chosen.backend === 'wandb' ? { teams: undefined, problems: [] } : readExistingTeams(cwd);
  if (existing.problems.length > 0) {
    printError(
      'Nothing was changed: the existing teams.yml has problems. Fix it, or move it away, and run init again:',
    );
    for (const problem of existing.problems) printError(`  ${problem}`);
    return exitCode.settings;
  }
  const answers = await askAll(prompt, existing.teams, chosen);
  if (answers === cancelled) return reportCancelled(dependencies);
  return writeFiles(dependencies, answers, existing.teams);
}

function reportCancelled({ printError }: InitDependencies): number {
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
  prompt.note('Create the Slack app', appInstructions(first));
  if (teams !== undefined) prompt.note('teams.yml', 'Using the existing file, unchanged.');
  return askQuestions(prompt, questions.afterwards, first);
}

function appInstructions(answers: Answers): string {
  const options = answers.transport === 'socket' ? '--socket' : `--url ${answers.publicUrl}`;
  return [
    `1. In another terminal: npm run --silent keysmith -- manifest ${options}`,
    '2. At https://api.slack.com/apps choose Create New App > From a manifest, and paste the output.',
    '3. Install the app to the workspace (Install App).',
    ...(answers.transport === 'socket'
      ? ['4. Under Basic Information > App-Level Tokens, generate one with the scope connections:write.']
      : []),
    'The next questions ask for its tokens. Your input is hidden.',
  ].join('\n');
}

function writeFiles(dependencies: InitDependencies, answers: Answers, teams: TeamsFile | undefined): number {
  const { cwd, prompt, printError } = dependencies;
  const secret = randomBytes(32).toString('base64');
  const createsTeamsFile = answers.backend !== 'wandb' && teams === undefined && !hasTeamsInSlack(answers);
  const namesOrganization = createsTeamsFile || teams?.organization.name !== undefined;
  const files = [
    ...(createsTeamsFile ? [{ name: 'teams.yml', text: teamsText(answers), mode: 0o644 }] : []),
    { name: '.env', text: envText(answers, secret, namesOrganization), mode: 0o600 },
  ];
  const written: string[] = [];
  for (const { name, text, mode } of files) {
    const path = join(cwd, name);
    try {
      // `wx` doesn't overwrite a file that was created in the meantime.
      writeFileSync(path, text, { mode, flag: 'wx' });
      written.push(path);
    } catch (error) {
      for (const earlier of written) rmSync(earlier, { force: true });
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      printError(
        `Nothing was changed: ${name} can’t be written (${code}). Check that this user can write to this folder.`,
      );
      return exitCode.failure;
    }
  }
  prompt.note('Written', files.map(({ name }) => name).join(', '));
  prompt.note('Next', nextSteps(answers, createsTeamsFile));
  return exitCode.success;
}

function nextSteps(answers: Answers, newTeamsFile: boolean): string {
  const { backend } = answers;
  return [
    ...(newTeamsFile ? ['Edit teams.yml: add members, teams and projects.'] : []),
    ...(hasTeamsInSlack(answers)
      ? ['After the start, an organization admin creates the first team in Slack: /wandb team new']
      : []),
    'npm run keysmith -- doctor   checks everything and tells you what to fix',
    'npm start                    starts Keysmith',
    ...(backend === 'gateway'
      ? [
          'npm run keysmith -- upstream add TEAM   stores the W&B API key that Keysmith uses for a team.',
          'Run it once for each team, after the first start. Until then, its accounts can’t log runs.',
        ]
      : []),
    'Then type /wandb service-account new in any Slack conversation. Invite the app to a channel',
    '(/invite @Keysmith) so that it can respond there even after Slack’s response URL has expired.',
  ].join('\n');
}

/** Returns the text of a `.env` that `loadConfig` accepts. */
function envText(answers: Answers, secret: string, teamsFileNamesOrganization: boolean): string {
  const slack =
    answers.transport === 'socket'
      ? [
          '# Socket Mode',
          `SLACK_BOT_TOKEN=${quoted(answers.botToken)}`,
          `SLACK_APP_TOKEN=${quoted(answers.appToken)}`,
        ]
      : [
          '# Requests over HTTP, to /slack/events',
          `SLACK_BOT_TOKEN=${quoted(answers.botToken)}`,
          `SLACK_SIGNING_SECRET=${quoted(answers.signingSecret)}`,
        ];
  return [
    '# Settings of Keysmith. The documentation lists all of them. Keep this file private: it contains secrets.',
    ...slack,
    '',
    ...(answers.publicUrl === undefined
      ? []
      : ['# The URL of Keysmith', `PUBLIC_URL=${quoted(answers.publicUrl)}`, '']),
    ...backendLines(answers),
    '# Encrypts every key at rest. Keep a copy in a safe place: without it the database can’t be read.',
    `KEYSMITH_SECRET=${quoted(secret)}`,
    '',
    ...(teamsFileNamesOrganization ? [] : [`KEYSMITH_ORGANIZATION=${quoted(answers.organization)}`]),
    ...(hasTeamsInSlack(answers)
      ? [
          '# Teams, members and roles are managed in Slack, by these people.',
          `KEYSMITH_ORGANIZATION_ADMINS=${quoted(addressesOf(answers).join(','))}`,
        ]
      : []),
    ...(answers.backend === 'wandb' || hasTeamsInSlack(answers) ? [] : ['KEYSMITH_TEAMS_FILE=teams.yml']),
    'DATABASE_URL=file:./data/keysmith.db',
    '',
  ].join('\n');
}

/** Names the backend: otherwise, variables of the W&B SDK in the environment could select the other one. */
function backendLines(answers: Answers): string[] {
  if (answers.backend === 'builtin') return ['KEYSMITH_BACKEND=builtin', ''];
  if (answers.backend === 'gateway') {
    return [
      'KEYSMITH_BACKEND=builtin',
      '# The gateway: workloads log their runs through Keysmith to this W&B server.',
      `KEYSMITH_UPSTREAM_URL=${quoted(answers.upstreamUrl)}`,
      '',
    ];
  }
  return [
    '# Accounts live on this W&B server, and roles come from it. Keysmith can only do what this key allows.',
    'KEYSMITH_BACKEND=wandb',
    `WANDB_BASE_URL=${quoted(answers.wandbBaseUrl)}`,
    `WANDB_API_KEY=${quoted(answers.wandbApiKey)}`,
    '',
  ];
}

/** Prefers single quotes and backticks, which `parseEnv` reads literally; between double quotes it expands `\\n`. */
function quoted(value = ''): string {
  if (/^[\w+/=:.@-]*$/.test(value)) return value;
  const quote = ["'", '`', '"'].find((candidate) => !value.includes(candidate)) ?? "'";
  return `${quote}${value}${quote}`;
}

function hasTeamsInSlack({ teamsIn }: Answers): boolean {
  return teamsIn === 'slack';
}

function addressesOf({ organizationAdmins = '' }: Answers): string[] {
  const addresses = organizationAdmins.split(',').map((address) => address.trim().toLowerCase());
  return [...new Set(addresses.filter((address) => address !== ''))];
}

/** Returns the text of an example teams file with the first team in it. */
function teamsText(answers: Answers): string {
  return `# Teams, members and roles. Keysmith reads this file when it starts. Removing a person removes their role; removing a team
# archives it and disables its keys. People are identified by the confirmed email address of their Slack profile.
organization:
  name: ${JSON.stringify(answers.organization)}
  # Organization admins can do what team admins can, in every team.
  admins: ${JSON.stringify(addressesOf(answers))}

# Issuers that sign the JWTs of federated service accounts.
issuers:
  - url: https://token.actions.githubusercontent.com

teams:
  - name: ${JSON.stringify(answers.team)}
    # External identities that the team's admins can register. Without any, only organization admins can register them.
    # subjects: ["repo:example/*"] # also "repo:example@1234567/*", for GitHub's immutable subjects
    members:
      # Roles: admin, member, view-only. The W&B username defaults to the part before the @.
      - { email: ${JSON.stringify(answers.teamAdmin)}, role: admin }
      # - { email: ben@example.com, role: member, username: benj }
    # projects:
    #   - { name: benchmarks, visibility: open } # private (default), public, open, restricted
    #   - { name: secret-sauce, visibility: restricted, service_accounts: [nightly-eval] }
`;
}
