import type { Locator, Page } from 'playwright-core';
import { block } from './slack-page.ts';

/** What a person types or chooses in each element of the kitchen-sink app, by element type. */
export const choices: Record<string, string[]> = {
  plain_text_input: ['soup'],
  email_text_input: ['cook@acme.test'],
  url_text_input: ['https://acme.test/soup'],
  number_input: ['4'],
  static_select: ['Option b'],
  external_select: ['Option pear'],
  users_select: ['Ben Okafor'],
  conversations_select: ['random'],
  channels_select: ['ml-platform'],
  multi_static_select: ['Option apple', 'Option almond'],
  multi_external_select: ['Option almond', 'Option apple'],
  multi_users_select: ['Ben Okafor', 'Cy Marchetti'],
  multi_conversations_select: ['random', 'ml-platform'],
  radio_buttons: ['Option b'],
  checkboxes: ['Option a', 'Option c'],
  datepicker: ['03022026'],
  timepicker: ['0930AM'],
  datetimepicker: ['030220260930AM'],
};

/** Fills in the element of the given type as a person would. */
export async function fillElement(page: Page, scope: Page | Locator, type: string): Promise<void> {
  const element = block(scope, type);
  const wanted = choices[type] ?? [];
  if (type.endsWith('_input')) await element.getByRole('textbox').fill(wanted.join());
  else if (type.endsWith('_select')) await chooseAll(page, element, wanted);
  else if (type === 'radio_buttons') await element.getByRole('radio', { name: wanted[0] ?? '' }).check();
  else if (type === 'checkboxes') {
    for (const name of wanted) await element.getByRole('checkbox', { name }).check();
  } else {
    await element.getByRole('spinbutton').first().focus();
    await page.keyboard.type(wanted.join());
    // Tabs past the calendar button, because a date is committed when its field loses the focus.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
  }
}

/** A multi-select stays open until Escape, which first clears a search. */
async function chooseAll(page: Page, element: Locator, names: string[]): Promise<void> {
  await element.locator('.select-opener').click();
  const search = page.getByRole('searchbox', { name: 'Search' });
  for (const name of names) {
    await search.fill(name);
    await page.getByRole('option', { name }).click();
  }
  if (names.length > 1) {
    await search.fill('');
    await search.press('Escape');
  }
  await search.waitFor({ state: 'detached' });
}
