import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import type { PageMessage } from '../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../driver/slack-person.ts';
import { visibleText } from '../driver/visible-text.ts';

/** Runs the command and waits for the form, which replaces a loading view. */
export async function openForm(
  person: SlackPerson,
  conversation: string,
  line = '/wandb service-account new',
): Promise<void> {
  await person.command(conversation, line);
  await person.waitForView((view) => view.submit === 'Create');
}

/** Creates an account with a key and returns the message that shows it. */
export async function createAccount(
  person: SlackPerson,
  conversation: string,
  name: string,
): Promise<PageMessage> {
  await openForm(person, conversation);
  await person.fill('name', name);
  await person.submit();
  return person.waitForMessage(
    conversation,
    (message) => visibleText(message).includes(name) && !!keyIn(message),
  );
}

/** Returns the API key that a message shows, if any. */
export function keyIn(message: PageMessage): string | undefined {
  const text = visibleText(message);
  return API_KEY_PATTERN.exec(text)?.[0] ?? /WANDB_API_KEY=(\S+)/.exec(text)?.[1];
}
