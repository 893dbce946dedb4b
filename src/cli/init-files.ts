import type { Answers } from './init-questions.ts';

/** A `.env` that `loadConfig` accepts. No answer's form allows a quote, `#` or space where none is quoted here. */
export function envText(answers: Answers, secret: string, teamsFileNamesOrganization: boolean): string {
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
export function teamsText(answers: Answers): string {
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
