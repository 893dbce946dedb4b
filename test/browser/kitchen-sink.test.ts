import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isLongForm } from '../long-form.ts';
import { expectedValues } from '../sandbox/slack/kitchen-sink/kitchen-sink-blocks.ts';
import { type KitchenInBrowser, startKitchenInBrowser } from './page/kitchen-in-browser.ts';
import { block, expectFocus, type } from './page/slack-page.ts';

/** What a person types or chooses in each element of the kitchen-sink app, by element type. */
const choices: Record<string, string[]> = {
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

describe('Block Kit elements on the sandbox page', () => {
  let kitchen: KitchenInBrowser;
  let page: Page;
  beforeAll(async () => {
    kitchen = await startKitchenInBrowser('http');
  });
  afterEach(async () => {
    await kitchen.closePages();
    kitchen.slack.acknowledgeWithin(3_000);
    expect(kitchen.errors.splice(0)).toEqual([]);
  });
  afterAll(() => kitchen.stop());

  const dialog = () => page.getByRole('dialog', { name: 'Kitchen' });

  async function openForm(): Promise<void> {
    page = await kitchen.open();
    await type(page, '/kitchen');
    await dialog().waitFor();
  }

  test('can be filled in in a modal, and the app receives what Slack would send', async () => {
    await openForm();
    for (const element of Object.keys(choices)) await fillElement(page, dialog(), element);
    await page.getByRole('button', { name: 'Cook' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const state = Object.entries(expectedValues).map(([type, value]) => [
      type,
      { value: { type, ...value } },
    ]);
    expect(kitchen.lastReceived('view_submission')).toMatchObject({
      view: { state: { values: Object.fromEntries(state) } },
    });
    expect(kitchen.lastReceived('block_actions').actions).toMatchObject([
      { type: 'radio_buttons', ...expectedValues.radio_buttons },
    ]);
  });

  test.runIf(isLongForm)('send an action immediately when they are used in a message', async () => {
    page = await kitchen.open();
    await type(page, '/kitchen message');
    const message = page.getByRole('article').filter({ has: block(page, 'static_select') });
    await message.waitFor();
    for (const element of Object.keys(choices)) {
      if (element.endsWith('_input')) continue;
      await fillElement(page, message, element);
      await expect
        .poll(() => kitchen.lastReceived('block_actions')?.actions, { timeout: 5_000 })
        .toMatchObject([{ type: element, block_id: element, ...expectedValues[element] }]);
    }
    expect(kitchen.lastReceived('block_actions').state.values).toMatchObject({
      static_select: { value: expectedValues.static_select },
      timepicker: { value: expectedValues.timepicker },
    });
  });

  test.runIf(isLongForm)(
    'ask for confirmation as a button or overflow menu, and send nothing when it is denied',
    async () => {
      await openForm();
      const before = kitchen.received.length;
      const question = page.getByRole('alertdialog', { name: 'Are you sure?' });
      const sure = page.getByRole('button', { name: 'Be sure' });
      await sure.click();
      await question.getByRole('button', { name: 'No' }).click();
      await question.waitFor({ state: 'detached' });
      await expectFocus(sure);
      expect(kitchen.received.length).toBe(before);
      await sure.click();
      await question.getByRole('button', { name: 'Yes' }).click();
      await expect
        .poll(() => kitchen.lastReceived('block_actions')?.actions)
        .toMatchObject([{ type: 'button', action_id: 'sure', value: 'sure' }]);
      await block(dialog(), 'overflow').getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: 'Option remove' }).click();
      await question.getByRole('button', { name: 'Yes' }).click();
      await expect
        .poll(() => kitchen.lastReceived('block_actions')?.actions)
        .toMatchObject([{ type: 'overflow', selected_option: { value: 'remove' } }]);
    },
  );

  test.runIf(isLongForm)(
    'show groups, empty results and a missing response in an external select',
    async () => {
      await openForm();
      await block(dialog(), 'external_select').locator('.select-opener').click();
      const search = page.getByRole('searchbox', { name: 'Search' });
      await page.getByRole('group', { name: 'Fruit' }).getByRole('option', { name: 'Option pear' }).waitFor();
      await search.fill('almond');
      const shown = () => page.getByRole('option').allTextContents();
      await expect.poll(shown).toEqual(['Option almond']);
      await search.fill('granite');
      await page.getByRole('status').getByText('No results').waitFor();
      const release = kitchen.hold();
      kitchen.slack.acknowledgeWithin(100);
      await search.fill('pear');
      await expect.poll(shown).toEqual([expect.stringMatching(/\S/)]);
      release();
    },
  );

  test.runIf(isLongForm)('keep their values in a modal that reports a slow app', async () => {
    await openForm();
    await page.getByRole('textbox', { name: 'plain_text_input' }).fill('slow soup');
    const release = kitchen.hold();
    kitchen.slack.acknowledgeWithin(100);
    await page.getByRole('button', { name: 'Cook' }).click();
    await page.getByRole('alert').getByText('We had some trouble connecting').waitFor();
    expect(await page.getByRole('textbox', { name: 'plain_text_input' }).inputValue()).toBe('slow soup');
    release();
  });

  test.runIf(isLongForm)('show the app’s error at its field until the field is changed', async () => {
    await openForm();
    const text = page.getByRole('textbox', { name: 'plain_text_input' });
    await text.fill('burnt');
    await page.getByRole('button', { name: 'Cook' }).click();
    await block(dialog(), 'plain_text_input').getByText('Not burnt, please').waitFor();
    await expectFocus(text);
    await text.fill('fresh');
    await page.getByText('Not burnt, please').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Cook' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(kitchen.lastReceived('view_submission').view.state.values.plain_text_input.value.value).toBe(
      'fresh',
    );
  });
});

/** Fills in the element of the given type as a person would. */
async function fillElement(page: Page, scope: Page | Locator, type: string): Promise<void> {
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
