import type { z } from 'zod';
import {
  emailAddresses,
  organizationName,
  publicUrl,
  slackAppToken,
  slackBotToken,
  slackSigningSecret,
  wandbApiKey,
  wandbBaseUrl,
} from '../config/setting-schemas.ts';
import { emailAddressRule, teamNameRule, type ValueRule } from '../config/teams-file/value-rules.ts';
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
  | 'organization'
  | 'organizationAdmins'
  | 'team'
  | 'teamAdmin';

export type Answers = Partial<Record<AnswerName, string>>;

interface Question {
  name: AnswerName;
  /** Left out where this answers false. */
  when?: (answers: Answers) => boolean;
  ask(prompt: Prompt): Promise<string | Cancelled>;
}

const bySchema =
  (schema: z.ZodType): Validate =>
  (answer) =>
    schema.safeParse(answer).error?.issues[0]?.message;

const byRule =
  (rule: ValueRule): Validate =>
  (answer) => {
    const result = rule(answer);
    return result.ok ? undefined : result.message;
  };

const atLeastOneAddress: Validate = (answer) =>
  answer.replaceAll(',', '').trim() === ''
    ? 'At least one address is needed.'
    : bySchema(emailAddresses)(answer);

const httpsUrl: Validate = (answer) =>
  bySchema(publicUrl)(answer) ??
  (/^https:/i.test(answer) ? undefined : 'Slack sends its requests to https:// addresses only.');

const overHttp = (answers: Answers) => answers.transport === 'http';
const overSocket = (answers: Answers) => answers.transport === 'socket';
const withWandb = (answers: Answers) => answers.backend === 'wandb';

/** Asked before all others: what there is in the folder matters to one of them only. */
export const backendQuestion: Question = {
  name: 'backend',
  ask: (prompt) =>
    prompt.choose({
      message: 'Where shall the service accounts live?',
      options: [
        {
          value: 'builtin',
          label: 'In Keysmith itself',
          hint: 'it issues the keys; who is who stands in a teams file',
        },
        {
          value: 'wandb',
          label: 'On your W&B server',
          hint: 'its teams, its roles, its keys; needs an API key of an admin there',
        },
      ],
    }),
};

const transport: Question = {
  name: 'transport',
  ask: (prompt) =>
    prompt.choose({
      message: 'How shall Slack reach Keysmith?',
      options: [
        {
          value: 'socket',
          label: 'Socket Mode',
          hint: 'no public address needed: recommended to begin with',
        },
        { value: 'http', label: 'HTTP', hint: 'Slack sends requests to your https:// address' },
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
          'The https:// address under which Slack (and workloads, without a W&B server) reach Keysmith',
        placeholder: 'https://keysmith.example.com',
        validate: httpsUrl,
      }),
  },
  {
    name: 'publicUrl',
    when: (answers) => overSocket(answers) && !withWandb(answers),
    ask: (prompt) =>
      prompt.text({
        message: 'The address under which workloads reach Keysmith (http:// only for this machine itself)',
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
        message: 'Bot token (OAuth & Permissions, Bot User OAuth Token: xoxb-…)',
        validate: bySchema(slackBotToken),
      }),
  },
  {
    name: 'appToken',
    when: overSocket,
    ask: (prompt) =>
      prompt.secret({
        message: 'App-level token (Basic Information, App-Level Tokens, scope connections:write: xapp-…)',
        validate: bySchema(slackAppToken),
      }),
  },
  {
    name: 'signingSecret',
    when: overHttp,
    ask: (prompt) =>
      prompt.secret({
        message: 'Signing secret (Basic Information, App Credentials)',
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
          'The address of the W&B server, as WANDB_BASE_URL of the SDK (W&B’s own cloud: https://api.wandb.ai)',
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
          'An API key of a user who is an admin of the server, or of the teams that Keysmith shall serve',
        validate: bySchema(wandbApiKey),
      }),
  },
];

const organization: Question = {
  name: 'organization',
  ask: (prompt) =>
    prompt.text({
      message: 'Name of the W&B organization',
      placeholder: 'acme',
      validate: bySchema(organizationName),
    }),
};

const firstTeam: readonly Question[] = [
  {
    name: 'organizationAdmins',
    ask: (prompt) =>
      prompt.text({
        message:
          'E-mail addresses of the organization admins, as in their Slack profiles, separated by commas',
        placeholder: 'cy@example.com',
        validate: atLeastOneAddress,
      }),
  },
  {
    name: 'team',
    ask: (prompt) =>
      prompt.text({
        message: 'Name of the first W&B team, as in the address of its page',
        placeholder: 'ml-platform',
        validate: byRule(teamNameRule),
      }),
  },
  {
    name: 'teamAdmin',
    ask: (prompt) =>
      prompt.text({
        message: 'E-mail address of an admin of that team',
        placeholder: 'ada@example.com',
        validate: byRule(emailAddressRule),
      }),
  },
];

/**
 * The questions before the person has a Slack app, and those that need one or ask about W&B. `has`: what a teams file that
 * is used says already.
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
      ...(has.organizationName ? [] : [organization]),
      ...(has.teams ? [] : firstTeam),
    ],
  };
}

/** Asks one after the other; answers are trimmed. */
export async function askQuestions(
  prompt: Prompt,
  questions: readonly Question[],
  given: Answers,
): Promise<Answers | Cancelled> {
  const answers = { ...given };
  for (const question of questions) {
    if (question.when?.(answers) === false) continue;
    const answer = await question.ask(prompt);
    if (answer === cancelled) return cancelled;
    answers[question.name] = answer.trim();
  }
  return answers;
}
