import type { Page } from 'playwright-core';
import { block, choose, onlyVisibleToYou, openHome, type } from '../page/slack-page.ts';
import { ask, closeDialog, dialog, submitAndShoot, type Tour } from './tour.ts';

const TEAM = 'Vision Lab';

export async function checkJwt(tour: Tour): Promise<void> {
  const cy = await tour.as('cy');
  await type(cy, '/wandb sa check');
  await dialog(cy).getByRole('button', { name: 'Check' }).waitFor();
  await tour.shoot(cy, 'check-form');
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: 'https://token.actions.githubusercontent.com',
    sub: 'repo:acme/eval:ref:refs/heads/main',
    aud: 'wandb',
    exp: 1_700_000_000,
    iat: 1_699_999_000,
  };
  const jwt = `${encode({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${encode(claims)}.${'A'.repeat(86)}`;
  await dialog(cy).getByRole('textbox').fill(jwt);
  await submitAndShoot(tour, cy, { press: 'Check', until: 'aud', name: 'check' });
  await cy.close();
}

/** Teams of the teams file, which are read-only, and one that is managed in Slack. */
export async function manageTeams(tour: Tour): Promise<void> {
  const { as, shoot } = tour;
  const cy = await as('cy');
  await ask(cy, '/wandb team list', 'ml-platform');
  await shoot(cy, 'team-list');
  await ask(cy, '/wandb team show ml-platform', 'from the teams file, so');
  await shoot(cy, 'team-of-file');
  await type(cy, `/wandb team new ${TEAM}`);
  await dialog(cy).getByRole('button', { name: 'Create' }).waitFor();
  await shoot(cy, 'team-new');
  await submitAndShoot(tour, cy, { press: 'Create', until: 'first admin', name: 'team-created' });
  await showTeam(cy);
  await cy.getByRole('button', { name: 'Edit' }).last().click();
  await dialog(cy).getByText('W&B username').waitFor();
  await shoot(cy, 'team-members');
  await choose(cy, block(cy, 'person').getByRole('button').first(), 'Eve Adeyemi');
  await submitAndShoot(tour, cy, { press: 'Save', until: 'is now in', name: 'team-member-added' });
  await editSettings(tour, cy);
  await showTeam(cy);
  await shoot(cy, 'team-show');
  await cy.getByRole('button', { name: 'Archive' }).last().click();
  await cy.getByRole('alertdialog').or(dialog(cy)).last().waitFor();
  await shoot(cy, 'team-archive');
  await cy.getByRole('button', { name: 'Archive' }).last().click();
  await onlyVisibleToYou(cy).last().getByRole('button', { name: 'Restore' }).waitFor();
  await shoot(cy, 'team-archived');
  await cy.getByRole('button', { name: 'Restore' }).last().click();
  await onlyVisibleToYou(cy).last().getByRole('button', { name: 'Settings' }).waitFor();
  await cy.close();
}

async function editSettings(tour: Tour, page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).last().click();
  const form = dialog(page);
  await form.getByText('Channel for requests').waitFor();
  await tour.shoot(page, 'team-settings');
  await tour.shoot(page, 'team-settings-end', block(page, 'on_leak').getByRole('button').first());
  await form.getByLabel('Pattern of account names').fill('vision-*');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.locator('.field-error').first().waitFor();
  await tour.shoot(page, 'team-settings-errors');
  await choose(page, block(page, 'channel').getByRole('button').first(), 'ml-platform');
  await form.getByLabel('Example of a name').fill('vision-eval');
  await choose(page, block(page, 'key_life').getByRole('button').first(), '30 days');
  await choose(page, block(page, 'on_leak').getByRole('button').first(), 'Only notify');
  await submitAndShoot(tour, page, { press: 'Save', until: 'Changed the settings', name: 'team-changed' });
}

async function showTeam(page: Page): Promise<void> {
  const shown = await onlyVisibleToYou(page).count();
  await type(page, `/wandb team show "${TEAM}"`);
  await onlyVisibleToYou(page).nth(shown).getByRole('button', { name: 'Settings' }).waitFor();
}

export async function audit({ as, shoot }: Tour): Promise<void> {
  const cy = await as('cy');
  await ask(cy, '/wandb audit', 'newest first');
  await shoot(cy, 'audit');
  await cy.getByRole('button', { name: 'Older' }).click();
  await cy.getByRole('button', { name: 'Newest' }).waitFor();
  await shoot(cy, 'audit-older');
  await ask(cy, '/wandb audit --account nightly-evil', 'None of your teams');
  await shoot(cy, 'audit-unknown-account');
  await type(cy, '/wandb sa new for-everyone');
  await dialog(cy).getByText('Scope').first().waitFor();
  await shoot(cy, 'form-scope');
  await closeDialog(cy);
  await openHome(cy);
  await shoot(cy, 'home-organization-admin');
  await cy.close();
}
