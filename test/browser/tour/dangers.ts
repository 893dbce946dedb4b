import type { Page } from 'playwright-core';
import { onlyVisibleToYou, openAppMessages, type } from '../page/slack-page.ts';
import type { TourKeys } from './accounts.ts';
import { closeDialog, createKey, dialog, shownKey, type Tour } from './tour.ts';

const PLACE = 'https://github.com/octocat/hello-world/blob/3f1c9ab/scripts/train/run_everything.py';

/** Workloads whose subject differs from the registered one: on another branch, and in GitHub's form with IDs. */
export async function nearlyMatch(tour: Tour, { url }: TourKeys): Promise<void> {
  const { as, shoot, workloads } = tour;
  await workloads.exchange(url, 'repo:acme/gh-train:ref:refs/heads/release-2027');
  const ada = await as('ada');
  await openAppMessages(ada);
  const branch = ada.getByRole('article').filter({ hasText: 'release-2027' });
  await branch.getByRole('button', { name: 'Ignore' }).waitFor();
  await shoot(ada, 'near-match', branch.getByRole('button', { name: 'Ignore' }));
  await branch.getByRole('button', { name: 'Ignore' }).click();
  await branch.getByText('was ignored').waitFor();
  await workloads.exchange(url, 'repo:acme@1234567/gh-eval@76543210:ref:refs/heads/main');
  const ids = ada.getByRole('article').filter({ hasText: '76543210' });
  await ids.getByRole('button', { name: 'Use this subject' }).waitFor();
  await shoot(ada, 'near-match-with-ids', ids.getByRole('button', { name: 'Ignore' }));
  await ids.getByRole('button', { name: 'Use this subject' }).click();
  await ids.getByText('was replaced').waitFor();
  await shoot(ada, 'near-match-decided');
  await ada.close();
}

async function reportMessage(page: Page, text: string): Promise<void> {
  const message = page.getByRole('article').filter({ hasText: text });
  await message.hover();
  await message.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'This is a key' }).click();
}

/** *This is a key*, by its contact and by others. */
export async function reportMessages({ as, shoot }: Tour, { keys }: TourKeys): Promise<void> {
  const ada = await as('ada', 'random');
  await type(ada, `Use ${keys['nightly-eval']} for now`);
  const message = ada.getByRole('article').filter({ hasText: 'for now' });
  await message.hover();
  await message.getByRole('button', { name: 'More actions' }).click();
  await shoot(ada, 'shortcut-menu');
  await ada.getByRole('menuitem', { name: 'This is a key' }).click();
  await dialog(ada).getByText('works.').waitFor();
  await shoot(ada, 'this-is-a-key');
  await closeDialog(ada);
  await type(ada, 'Lunch at noon?');
  await type(ada, 'wandb login 0123456789abcdef0123456789abcdef01234567');
  const ben = await as('ben', 'random');
  for (const [text, answer, name] of [
    ['for now', 'Thanks', 'this-is-a-key-of-others'],
    ['Lunch', 'found no key', 'this-is-no-key'],
    ['wandb login', 'API key of W&B', 'this-is-a-wandb-key'],
  ] as const) {
    await reportMessage(ben, text);
    await dialog(ben).getByText(answer).waitFor();
    await shoot(ben, name);
    await closeDialog(ben);
  }
  await ben.close();
  await openAppMessages(ada);
  await ada.getByText('a Slack message').last().waitFor();
  await shoot(ada, 'key-reported');
  await ada.close();
}

/** A scanner finds keys in public code: one is revoked, another only reported, as the policy of its team says. */
export async function leak({ as, shoot, workloads }: Tour, { keys, url }: TourKeys): Promise<void> {
  await workloads.reportLeak(url, keys['nightly-eval'], PLACE);
  const ada = await as('ada');
  await openAppMessages(ada);
  await ada.getByText('Keysmith revoked').last().waitFor();
  await shoot(ada, 'leaked-revoked');
  await ada.close();
  const cy = await as('cy');
  await type(cy, '/wandb sa new vision-eval --team "Vision Lab"');
  await dialog(cy).getByRole('button', { name: 'Create' }).click();
  const message = onlyVisibleToYou(cy).filter({ hasText: 'WANDB_API_KEY' });
  await message.waitFor();
  await cy.getByRole('dialog').waitFor({ state: 'detached' });
  const { key } = await shownKey(message);
  await workloads.reportLeak(url, key, PLACE);
  await openAppMessages(cy);
  await cy.getByText('Anyone can read').waitFor();
  await shoot(cy, 'leaked-notified');
  await cy.close();
  const again = await as('ada');
  await createKey(again, 'nightly-train');
  await type(again, '/wandb sa show nightly-eval');
  await again.getByText('History').last().waitFor();
  await shoot(again, 'show-leaked');
  await again.close();
}
