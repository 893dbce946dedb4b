import type { z } from 'zod';
import { isSameServer, publicUrl, upstreamUrl, wandbBaseUrl } from '../config/server-urls.ts';
import {
  emailAddresses,
  organizationName,
  slackAppToken,
  slackBotToken,
  slackSigningSecret,
  wandbApiKey,
} from '../config/setting-schemas.ts';
import { byRule, emailAddressRule, teamNameRule } from '../config/teams-file/value-rules.ts';
import { type Cancelled, cancelled, type Prompt, type Validate } from './prompt.ts';

type AnswerName =
  | 'backend'
  | 'transport'
  | 'publicUrl'
  | 'botToken'
  | 'signingSecret'
  | 'appToken'
  | 'wandbBaseUrl'
  | 'wandbApiKey'
  | 'upstreamUrl'
  | 'organization'
  | 'organizationAdmins'
  | 'teamsIn'
  | 'team'
  | 'teamAdmin';

export type Answers = Partial<Record<AnswerName, string>>;

interface Question {
  name: AnswerName;
  /** Returns false to skip the question. */
  when?: (answers: Answers) => boolean;
  ask(prompt: Prompt, answers: Answers): Promise<string | Cancelled>;
}

const bySchema =
  (schema: z.ZodType): Validate =>
  (answer) =>
    schema.safeParse(answer).error?.issues[0]?.message;

const atLeastOneAddress: Validate = (answer) =>
  answer.replaceAll(',', '').trim() === ''
    ? 'Enter at least one email address.'
    : bySchema(emailAddresses)(answer);

const httpsUrl: Validate = (answer) =>
  bySchema(publicUrl)(answer) ??
  (/^https:/i.test(answer) ? undefined : 'Slack only sends requests to https:// URLs.');

const overHttp = (answers: Answers) => answers.transport === 'http';
const overSocket = (answers: Answers) => answers.transport === 'socket';
const withWandb = (answers: Answers) => answers.backend === 'wandb';

/** Asked first, since only the built-in backend uses an existing teams file. `gateway` has that backend too. */
export const backendQuestion: Question = {
  name: 'backend',
  ask: (prompt) =>
    prompt.choose({
      message: 'Where should service accounts live?',
      options: [
        {
          value: 'gateway',
          label: 'In Keysmith, in front of W&B',
          hint: 'recommended; workloads log their runs through Keysmith, with keys that expire and can be revoked',
        },
        {
          value: 'wandb',
          label: 'On your W&B server',
          hint: 'teams, roles and keys come from the server; needs the API key of an organization service account or an admin',
        },
        {
          value: 'builtin',
          label: 'In Keysmith, without W&B',
          hint: 'for your own services; keys can’t log runs',
        },
      ],
    }),
};

const transport: Question = {
  name: 'transport',
  ask: (prompt) =>
    prompt.choose({
      message: 'How should Slack connect to Keysmith?',
      options: [
        {
          value: 'socket',
          label: 'Socket Mode',
          hint: 'no public URL needed; recommended to get started',
        },
        { value: 'http', label: 'HTTP', hint: 'Slack sends requests to your https:// URL' },
      ],
    }),
};

const address: readonly Question[] = [
  {
    name: 'publicUrl',
    when: overHttp,
    ask: (prompt) =>
      prompt.text({
        message:
          'The https:// URL where Slack reaches Keysmith (and workloads do, unless accounts live on a W&B server)',
        placeholder: 'https://keysmith.example.com',
        validate: httpsUrl,
      }),
  },
  {
    name: 'publicUrl',
    when: (answers) => overSocket(answers) && !withWandb(answers),
    ask: (prompt) =>
      prompt.text({
        message: 'The URL where workloads reach Keysmith (http:// only for localhost)',
        initial: 'http://localhost:3000',
        validate: bySchema(publicUrl),
      }),
  },
];

const credentials: readonly Question[] = [
  {
    name: 'botToken',
    ask: (prompt) =>
      prompt.secret({
        message: 'Bot token (OAuth & Permissions > Bot User OAuth Token: xoxb-…)',
        validate: bySchema(slackBotToken),
      }),
  },
  {
    name: 'appToken',
    when: overSocket,
    ask: (prompt) =>
      prompt.secret({
        message: 'App-level token (Basic Information > App-Level Tokens, scope connections:write: xapp-…)',
        validate: bySchema(slackAppToken),
      }),
  },
  {
    name: 'signingSecret',
    when: overHttp,
    ask: (prompt) =>
      prompt.secret({
        message: 'Signing secret (Basic Information > App Credentials)',
        validate: bySchema(slackSigningSecret),
      }),
  },
];

const wandbServer: readonly Question[] = [
  {
    name: 'wandbBaseUrl',
    when: withWandb,
    ask: (prompt) =>
      prompt.text({
        message:
          'The URL of the W&B server, like WANDB_BASE_URL for the SDK (W&B’s cloud: https://api.wandb.ai)',
        placeholder: 'https://wandb.example.com',
        validate: bySchema(wandbBaseUrl),
      }),
  },
  {
    name: 'wandbApiKey',
    when: withWandb,
    ask: (prompt) =>
      prompt.secret({
        message:
          'The API key of an organization service account (recommended), a server admin, or an admin of the teams that Keysmith manages',
        validate: bySchema(wandbApiKey),
      }),
  },
];

/** The server that the gateway forwards to. */
const upstream: Question = {
  name: 'upstreamUrl',
  when: (answers) => answers.backend === 'gateway',
  ask: (prompt, { publicUrl: ownUrl }) =>
    prompt.text({
      message: 'The URL of the W&B server that Keysmith forwards workloads to',
      initial: 'https://api.wandb.ai',
      validate: (answer) =>
        bySchema(upstreamUrl)(answer) ??
        (ownUrl !== undefined && isSameServer(answer, ownUrl)
          ? 'This is the address of Keysmith itself. Enter that of the W&B server.'
          : undefined),
    }),
};

const organization: Question = {
  name: 'organization',
  ask: (prompt) =>
    prompt.text({
      message: 'Name of the W&B organization',
      placeholder: 'acme',
      validate: bySchema(organizationName),
    }),
};

const inFile = (answers: Answers) => answers.teamsIn === 'file';

const firstTeam: readonly Question[] = [
  {
    name: 'organizationAdmins',
    ask: (prompt) =>
      prompt.text({
        message:
          'Email addresses of the organization admins, as in their Slack profiles, separated by commas',
        placeholder: 'cy@example.com',
        validate: atLeastOneAddress,
      }),
  },
  {
    name: 'teamsIn',
    ask: (prompt) =>
      prompt.choose({
        message: 'Where are teams, members and roles managed?',
        options: [
          {
            value: 'file',
            label: 'In a teams file',
            hint: 'reviewed like code; also has the issuers of federated identities, and policies',
          },
          {
            value: 'slack',
            label: 'In Slack',
            hint: 'organization admins create teams with /wandb team new; you can add a file later',
          },
        ],
      }),
  },
  {
    name: 'team',
    when: inFile,
    ask: (prompt) =>
      prompt.text({
        message: 'Name of the first W&B team, as in the URL of its page',
        placeholder: 'ml-platform',
        validate: bySchema(byRule(teamNameRule)),
      }),
  },
  {
    name: 'teamAdmin',
    when: inFile,
    ask: (prompt) =>
      prompt.text({
        message: 'Email address of an admin of that team',
        placeholder: 'ada@example.com',
        validate: bySchema(byRule(emailAddressRule)),
      }),
  },
];

/**
 * Returns the questions to ask before the person creates the Slack app, and those to ask afterwards. `has` is what an existing
 * teams file already answers.
 */
export function initQuestions(has: { teams: boolean; organizationName: boolean }): {
  first: readonly Question[];
  afterwards: readonly Question[];
} {
  return {
    first: [transport, ...address],
    afterwards: [
      ...credentials,
      ...wandbServer,
      upstream,
      ...(has.organizationName ? [] : [organization]),
      ...(has.teams ? [] : firstTeam),
    ],
  };
}

/** Asks the questions in order, and returns the trimmed answers. */
export async function askQuestions(
  prompt: Prompt,
  questions: readonly Question[],
  given: Answers,
): Promise<Answers | Cancelled> {
  const answers = { ...given };
  for (const question of questions) {
    if (question.when?.(answers) === false) continue;
    const answer = await question.ask(prompt, answers);
    if (answer === cancelled) return cancelled;
    answers[question.name] = answer.trim();
  }
  return answers;
}
