import './avatar.css';
import type { Conversation } from '../../slack/protocol/page-protocol.ts';
import { type Author, otherPerson } from '../session/directory.ts';
import { useSessionState } from '../session/session.ts';
import { Icon } from './icons.tsx';

const COLORS = 6;

/**
 * A colored square with initials, or a key for the app. Hidden from screen readers, because the name is always
 * beside it.
 */
export function Avatar({ author }: { author: Author }) {
  if (author.kind === 'app') {
    return (
      <span className="avatar avatar-app" aria-hidden="true">
        <Icon name="key" />
      </span>
    );
  }
  // CSS draws the initials from an attribute: as text they would become part of a surrounding button's name.
  const color = author.kind === 'slackbot' ? 'slackbot' : String(checksum(author.id) % COLORS);
  return (
    <span className={`avatar avatar-${color}`} data-initials={initials(author.name)} aria-hidden="true" />
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0]);
  return letters.join('').toUpperCase();
}

function checksum(text: string): number {
  let sum = 0;
  for (const character of text) sum = (sum * 3 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum;
}

/** The icon of a channel, or the other person's avatar for a direct message. */
export function ConversationPicture({ conversation }: { conversation: Conversation }) {
  const { workspace, directory } = useSessionState();
  switch (conversation.kind) {
    case 'public':
      return <Icon name="hash" />;
    case 'private':
      return <Icon name="lock" />;
    case 'app_dm':
      return <Avatar author={directory.author(workspace.app.botUserId)} />;
    case 'person_dm':
      return <Avatar author={directory.author(otherPerson(workspace, conversation)?.id ?? '')} />;
  }
}
