import type { Page } from 'playwright-core';
import { onlyVisibleToYou, openAppMessages, openHome, type } from '../page/slack-page.ts';
import { closeDialog, dialog, type Tour } from './tour.ts';

async function fillRequest(page: Page, name: string, reason: string): Promise<void> {
  await type(page, `/wandb sa new ${name}`);
  await page.getByLabel('Reason').fill(reason);
}

async function sendRequest(page: Page, text: string): Promise<void> {
  await page.getByRole('button', { name: 'Request', exact: true }).click();
  await dialog(page).getByText(text).first().waitFor();
}

export async function request({ as, shoot }: Tour): Promise<void> {
  const ben = await as('ben');
  await fillRequest(ben, 'sweep-agent', 'Runs the sweeps of the vision group');
  await shoot(ben, 'request-form');
  await sendRequest(ben, 'Its approvers have been asked');
  await shoot(ben, 'requested');
  await closeDialog(ben);
  const ada = await as('ada');
  await ada.getByRole('button', { name: 'Approve' }).waitFor();
  await shoot(ada, 'request-card');
  await ada.getByRole('button', { name: 'Deny' }).click();
  await dialog(ada).getByRole('button', { name: 'Deny' }).waitFor();
  await shoot(ada, 'deny');
  await closeDialog(ada);
  const home = await openHome(ada);
  await home.getByText('sweep-agent').first().waitFor();
  await shoot(ada, 'home-request');
  await ada.close();
  const again = await as('ada');
  await again.getByRole('button', { name: 'Approve' }).click();
  const card = again.getByRole('article').filter({ hasText: 'Approved by' });
  await card.getByRole('button', { name: '2 replies' }).click();
  await again.getByRole('complementary', { name: 'Thread' }).getByText('Requested by').waitFor();
  await shoot(again, 'request-thread');
  await again.close();
  await openAppMessages(ben);
  await ben.getByRole('button', { name: 'Collect key' }).waitFor();
  await shoot(ben, 'collect');
  await ben.getByRole('button', { name: 'Collect key' }).click();
  await onlyVisibleToYou(ben).filter({ hasText: 'sweep-agent' }).waitFor();
  await shoot(ben, 'collected');
  await ben.close();
}

export async function deny({ as, shoot }: Tour): Promise<void> {
  const ben = await as('ben');
  await fillRequest(ben, 'scratch-pad', 'To try things out');
  await sendRequest(ben, 'Its approvers have been asked');
  await closeDialog(ben);
  const ada = await as('ada');
  await ada.getByRole('button', { name: 'Deny' }).click();
  await dialog(ada).getByLabel('Why you deny it').fill('Use sweep-agent for that, please.');
  await dialog(ada).getByRole('button', { name: 'Deny' }).click();
  await dialog(ada).getByText('has been notified').waitFor();
  await closeDialog(ada);
  await ada.getByRole('article').filter({ hasText: 'Denied by' }).waitFor();
  await shoot(ada, 'denied-card');
  await ada.close();
  await openAppMessages(ben);
  await ben.getByText('denied your request').waitFor();
  await shoot(ben, 'denied');
  await ben.close();
}

export async function requestUrgently({ as, shoot }: Tour): Promise<void> {
  const ben = await as('ben');
  await fillRequest(ben, 'hot-fix', 'Tonight’s release waits for it');
  await ben.getByRole('checkbox', { name: 'Urgent' }).check();
  await sendRequest(ben, 'hot-fix');
  await shoot(ben, 'urgent-requested');
  await closeDialog(ben);
  await openAppMessages(ben);
  await ben.getByText('hot-fix').first().waitFor();
  await shoot(ben, 'urgent-granted');
  await openHome(ben);
  await shoot(ben, 'home-requester');
  await ben.close();
  const ada = await as('ada');
  await ada.getByRole('button', { name: 'Confirm' }).waitFor();
  await shoot(ada, 'urgent-card');
  await ada.getByRole('button', { name: 'Confirm' }).click();
  await ada.getByRole('article').filter({ hasText: 'Confirmed by' }).waitFor();
  await ada.close();
}

/** Requests on which nobody decides: one lapses after a week, and an urgent one ends after four hours. */
export async function requestInVain({ as }: Tour): Promise<void> {
  const fay = await as('fay');
  await fillRequest(fay, 'paper-figures', 'Draws the figures of the paper');
  await sendRequest(fay, 'Its approvers have been asked');
  await closeDialog(fay);
  await fillRequest(fay, 'demo-day', 'The demo starts in an hour');
  await fay.getByRole('checkbox', { name: 'Urgent' }).check();
  await sendRequest(fay, 'demo-day');
  await fay.close();
}

export async function seeLapsed({ as, shoot }: Tour): Promise<void> {
  const fay = await as('fay');
  await openAppMessages(fay);
  await fay.getByText('nobody decided on it in time').waitFor();
  await shoot(fay, 'lapsed');
  await fay.close();
  const ada = await as('ada');
  await ada.getByText('paper-figures').first().waitFor();
  await shoot(ada, 'lapsed-cards');
  await ada.close();
}
