import {
  type LocalSlack,
  type LocalSlackOptions,
  startLocalSlack,
} from '../../src/sandbox/slack/local-slack.ts';
import { createSlackPerson } from './person.ts';
import type { SlackPerson } from './slack-person.ts';

/** A local Slack whose people a test can drive. */
export interface DrivenSlack extends LocalSlack {
  /** One person of the workspace, by name or ID. Throws for an unknown one. */
  as(personNameOrId: string): SlackPerson;
}

/** Adds the driver to a local Slack that is running. */
function driveSlack(slack: LocalSlack): DrivenSlack {
  return {
    ...slack,
    as: (personNameOrId) => createSlackPerson({ ...slack.internals, personNameOrId }),
  };
}

export async function startDrivenSlack(options: LocalSlackOptions): Promise<DrivenSlack> {
  return driveSlack(await startLocalSlack(options));
}
