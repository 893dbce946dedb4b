import type { KnownBlock } from '@slack/types';
import type { DueTeamChanges } from '../../../application/ports/notifications.ts';
import type { OutsideChange } from '../../../domain/accounts/outside-change.ts';
import { code, escapeMarkup, link, type Message, moment, shortened } from '../blocks.ts';

/** Escaping makes a text up to five times as long, and a section has at most 3,000 characters. */
const LINES_PER_SECTION = 5;
const MAX_TEXT_LENGTH = 40;

/** Returns the digest of what others changed in a team on the W&B server. */
export function teamChangesMessage({ teamName, changes, more, link: page }: DueTeamChanges): Message {
  const count = changes.length + more;
  const counted = count === 1 ? 'One change' : `${count.toLocaleString('en')} changes`;
  const title = `${counted} in ${code(teamName)} made in W&B, outside Keysmith`;
  const lines = changes.map((change) => `• ${moment(change.atMs)}: ${changeText(change)}`);
  const sections: KnownBlock[] = [];
  for (let at = 0; at < lines.length; at += LINES_PER_SECTION) {
    sections.push(section(lines.slice(at, at + LINES_PER_SECTION).join('\n')));
  }
  const hint =
    page === undefined
      ? ''
      : ` The team’s accounts in W&B: ${link(page)}. To adopt an account, run \`/wandb service-account list\`.`;
  return {
    text: `${counted} in ${escapeMarkup(teamName)} made in W&B, outside Keysmith.`,
    blocks: [
      section(`:mag: *${title}*`),
      ...sections,
      ...(more === 0 ? [] : [section(`and ${more.toLocaleString('en')} more. See the audit log in W&B.`)]),
      {
        type: 'context',
        elements: [
          {
            type: 'mrkdwn',
            text: `From W&B’s audit log. If you don’t recognize a change, ask the person it names.${hint}`,
          },
        ],
      },
    ],
  };
}

/** All texts come from the log, where others chose them. */
function changeText({ kind, actor, subject }: OutsideChange): string {
  const by = actor === undefined ? '' : ` by ${short(actor)}`;
  const what = subject === undefined ? 'someone' : short(subject);
  switch (kind) {
    case 'account_created':
      return `service account ${what} was created${by}`;
    case 'account_deleted':
      return `service account ${what} was deleted${by}`;
    case 'key_created':
      return `an API key of service account ${what} was created${by}`;
    case 'key_deleted':
      return `an API key of service account ${what} was deleted${by}`;
    case 'admin_invited':
      return `${what} was invited as an admin${by}`;
    case 'person_removed':
      return `${what} was removed from the team${by}`;
    case 'organization_role_changed':
      return `the organization role of ${what} was changed${by}`;
    case 'person_deactivated':
      return `${what} was deactivated${by}`;
    case 'person_reactivated':
      return `${what} was reactivated${by}`;
    case 'person_deleted':
      return `${what} was deleted${by}`;
    case 'team_deleted':
      return `the team was deleted${by}`;
  }
}

function short(text: string): string {
  return code(shortened(text, MAX_TEXT_LENGTH));
}

function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}
