import {
  composer,
  controlsTab,
  onlyVisibleToYou,
  openAppMessages,
  openHome,
  openPanel,
  type,
} from '../page/slack-page.ts';
import type { TourKeys } from './accounts.ts';
import { ask, closeDialog, dialog, type Tour } from './tour.ts';

/** Ben is the contact of accounts, and leaves. */
export async function leave({ as, shoot, pass }: Tour): Promise<void> {
  const ada = await as('ada');
  await openPanel(ada);
  const controls = await controlsTab(ada);
  await controls
    .locator('label')
    .filter({ hasText: /Ben.* is active/ })
    .click();
  await ada.close();
  await pass(3);
  const later = await as('ada');
  await openAppMessages(later);
  await later.getByRole('button', { name: 'Take over' }).first().waitFor();
  await shoot(later, 'unowned-card');
  await openHome(later);
  await shoot(later, 'home-unowned');
  await later.close();
}

/** A job still uses the old key of a rotation near its end, and after it. */
export async function endRotation(
  { as, shoot, pass, workloads }: Tour,
  { keys, url }: TourKeys,
): Promise<void> {
  await pass(3);
  await workloads.use(url, keys['weekly-report']);
  await pass(0.5);
  const ada = await as('ada');
  await openAppMessages(ada);
  await ada.getByText('still used').last().waitFor();
  await shoot(ada, 'rotation-ending');
  await ada.close();
  await pass(1);
  const later = await as('ada');
  await openAppMessages(later);
  await later.getByText('The old key expired').last().waitFor();
  await workloads.use(url, keys['weekly-report']);
  await later.getByText('whose rotation has ended').last().waitFor();
  await shoot(later, 'old-key-used');
  await later.close();
}

export async function grow({ as, shoot, pass }: Tour): Promise<void> {
  await pass(75);
  const ada = await as('ada');
  await openAppMessages(ada);
  await shoot(ada, 'messages-after-months');
  const home = await openHome(ada);
  await shoot(ada, 'home-after-months');
  await home.getByRole('button', { name: 'Settings' }).click();
  await dialog(ada).getByRole('checkbox').first().waitFor();
  await shoot(ada, 'settings');
  await closeDialog(ada);
  await ada.close();
  const listed = await as('ada');
  await composer(listed).waitFor();
  for (const status of ['active', 'expiring', 'unused', 'revoked']) {
    await type(listed, `/wandb sa list --status ${status}`);
    await onlyVisibleToYou(listed).last().waitFor();
  }
  await shoot(listed, 'list-by-status');
  await ask(listed, '/wandb sa show weekly-report', 'History');
  await shoot(listed, 'show-after-months');
  await listed.close();
}
