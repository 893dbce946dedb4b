import type { KnownBlock } from '@slack/types';
import type { ListServiceAccountsResult } from '../../application/list-service-accounts.ts';
import { code, link, shortened } from './text.ts';

type Elsewhere = Extract<ListServiceAccountsResult, { ok: true }>['elsewhere'];

/** With what else a page of the list holds, a message must keep to Slack's 50 blocks and 3,000 characters in one. */
const SHOWN = 10;
const NAME_LENGTH = 40;
const LINKS = 5;

/** Accounts of the same teams that Keysmith did not make: whoever wants to change one does so in W&B. Two blocks at most. */
export function elsewhereBlocks({ accounts, total }: Elsewhere): KnownBlock[] {
  // They come with the last page alone.
  if (accounts.length === 0) return [];
  const shown = accounts.slice(0, SHOWN);
  const lines = shown.map(
    ({ name, teamName }) =>
      `• ${code(shortened(name, NAME_LENGTH))} in ${code(shortened(teamName, NAME_LENGTH))}`,
  );
  const more = total > shown.length ? [`and ${total - shown.length} more`] : [];
  const links = [...new Set(shown.map((account) => account.link))].filter((one) => one !== undefined);
  return [
    {
      type: 'section',
      text: { type: 'mrkdwn', text: ['*Made outside Keysmith*', ...lines, ...more].join('\n') },
    },
    ...(links.length === 0
      ? []
      : [
          {
            type: 'context' as const,
            elements: [
              {
                type: 'mrkdwn' as const,
                text: `Admins of the team see and change these in W&B: ${links.slice(0, LINKS).map(link).join(' ')}`,
              },
            ],
          },
        ]),
  ];
}
