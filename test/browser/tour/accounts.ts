import {
  block,
  choose,
  createAccount,
  onlyVisibleToYou,
  openAppMessages,
  openHome,
  type,
} from '../page/slack-page.ts';
import { ask, closeDialog, createKey, dialog, shownKey, store, submitAndShoot, type Tour } from './tour.ts';

/** Keys of the tour's accounts by their names, and where workloads send them. */
export interface TourKeys {
  url: string;
  keys: Record<'nightly-eval' | 'weekly-report' | 'ci-release' | 'data-sync', string>;
}

/** People who can't create accounts, and the first visit of an admin. */
export async function visitFirst({ as, shoot }: Tour): Promise<void> {
  const dee = await as('dee');
  await ask(dee, '/wandb sa new', 'not in any W&B team');
  await ask(dee, '/wandb sa lst', 'Unknown command');
  await shoot(dee, 'stranger');
  await dee.close();
  const ada = await as('ada');
  await openHome(ada);
  await shoot(ada, 'home-empty');
  await ada.close();
  const channel = await as('ada');
  await ask(channel, '/wandb sa list', 'no service accounts yet');
  await ask(channel, '/wandb team list', 'Only organization admins');
  await shoot(channel, 'list-empty');
  await ask(channel, '/wandb help', 'is short for');
  await shoot(channel, 'help');
  await channel.close();
}

export async function createAndShow(tour: Tour): Promise<TourKeys> {
  const { as, shoot } = tour;
  const channel = await as('ada');
  await type(channel, '/wandb sa new ENV-eval');
  await dialog(channel).getByRole('button', { name: 'Create' }).waitFor();
  await shoot(channel, 'form');
  await channel.getByLabel('Name', { exact: true }).fill('test');
  await channel.getByLabel('Purpose').fill('WANDB_API_KEY=0123456789abcdef0123456789abcdef01234567');
  await dialog(channel).getByRole('button', { name: 'Create' }).click();
  await dialog(channel).locator('.field-error').first().waitFor();
  await shoot(channel, 'form-errors');
  await closeDialog(channel);
  const created = await createAccount(channel, 'nightly-eval');
  const { key, url } = await shownKey(created);
  await shoot(channel, 'key');
  await store(created);
  const keys = {
    'nightly-eval': key,
    'weekly-report': (await createKey(channel, 'weekly-report')).key,
    'ci-release': (await createKey(channel, 'ci-release')).key,
    'data-sync': (await createKey(channel, 'data-sync')).key,
  };
  await ask(channel, '/wandb sa list', /data-sync/);
  await shoot(channel, 'list');
  await onlyVisibleToYou(channel).last().locator('.overflow-opener').first().click();
  await shoot(channel, 'list-menu');
  await channel.keyboard.press('Escape');
  await ask(channel, '/wandb sa show nightly-eval', 'Contact');
  await shoot(channel, 'show');
  await channel.close();
  return { url, keys };
}

/** Creates accounts that sign in with the JWTs of GitHub Actions. */
export async function createFederated({ as, shoot }: Tour): Promise<void> {
  const ada = await as('ada');
  for (const name of ['gh-train', 'gh-eval']) {
    const subject = `repo:acme/${name}:ref:refs/heads/main`;
    await type(ada, `/wandb sa new ${name}`);
    await ada.getByRole('radio', { name: 'Federated identity (External)' }).check();
    await ada.getByLabel('Subject').fill(subject);
    await choose(ada, block(ada, 'issuer').getByRole('button').first(), 'githubusercontent.com');
    if (name === 'gh-train') await shoot(ada, 'form-federated');
    await dialog(ada).getByRole('button', { name: 'Create' }).click();
    await onlyVisibleToYou(ada).filter({ hasText: subject }).waitFor();
    await ada.getByRole('dialog').waitFor({ state: 'detached' });
    if (name === 'gh-train') await shoot(ada, 'federated');
  }
  await ada.close();
}

export async function change(tour: Tour): Promise<void> {
  const { as, shoot } = tour;
  const ada = await as('ada');
  await type(ada, '/wandb sa edit data-sync');
  await dialog(ada).getByLabel('Purpose').fill('Copies the data of the day');
  await shoot(ada, 'edit');
  await choose(ada, block(ada, 'contact').getByRole('button').first(), 'Ben Okafor');
  await submitAndShoot(tour, ada, { press: 'Save', until: 'data-sync', name: 'edited' });
  const ben = await as('ben');
  await openAppMessages(ben);
  await ben.getByText('made you the contact').waitFor();
  await shoot(ben, 'contact-assigned');
  await ben.close();
  await type(ada, '/wandb sa revoke data-sync');
  const name = dialog(ada).getByLabel('Name of the account');
  await name.waitFor();
  await shoot(ada, 'revoke');
  await name.fill('data-synk');
  await dialog(ada).getByRole('button', { name: 'Revoke' }).click();
  await dialog(ada).locator('.field-error').waitFor();
  await shoot(ada, 'revoke-mistyped');
  await name.fill('data-sync');
  await submitAndShoot(tour, ada, { press: 'Revoke', until: 'no longer', name: 'revoked' });
  await ada.close();
}

export async function rotate({ as, shoot }: Tour): Promise<void> {
  const page = await as('ada');
  await type(page, '/wandb sa rotate weekly-report');
  await dialog(page).getByRole('button', { name: 'Rotate' }).waitFor();
  await shoot(page, 'rotate');
  await dialog(page).getByRole('button', { name: 'Rotate' }).click();
  const message = onlyVisibleToYou(page).filter({ hasText: 'key-2' });
  await message.waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await shoot(page, 'rotated');
  await store(message);
  await openAppMessages(page);
  await page.getByRole('tab', { name: 'Messages' }).click();
  const card = page.getByRole('article').filter({ hasText: 'Rotation of key' });
  await card.getByText('The old key was never used').waitFor();
  await shoot(page, 'rotation-card');
  await card.getByRole('button', { name: 'Finish now' }).click();
  await dialog(page).getByRole('button', { name: 'Finish now' }).waitFor();
  await shoot(page, 'finish-now');
  await closeDialog(page);
  await page.close();
}
