import type { ModalView } from '@slack/types';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isLongForm } from '../long-form.ts';
import { kitchenForm } from '../sandbox/slack/kitchen-sink/kitchen-sink-blocks.ts';
import { expectNoSeriousViolations } from './page/axe-violations.ts';
import { type KitchenInBrowser, startKitchenInBrowser } from './page/kitchen-in-browser.ts';
import { block, choose, composer, expectFocus, follow, type } from './page/slack-page.ts';

const token = 'xoxb-kitchen-bot';

describe('An app on the sandbox page', () => {
  let kitchen: KitchenInBrowser;
  let page: Page;
  beforeAll(async () => {
    kitchen = await startKitchenInBrowser('http');
  });
  afterEach(async () => {
    await kitchen.closePages();
    expect(kitchen.errors.splice(0)).toEqual([]);
  });
  afterAll(() => kitchen.stop());

  const dialog = (name: string) => page.getByRole('dialog', { name });
  const text = () => page.getByRole('textbox', { name: 'plain_text_input' });

  /** Returns the text of the hint that Enter would choose. */
  const hint = () => page.getByRole('option').and(page.locator('[data-focused]')).textContent();

  async function openForm(): Promise<void> {
    page = await kitchen.open();
    await type(page, '/kitchen');
    await dialog('Kitchen').waitFor();
  }

  /** Updates Ada's open view as the app. */
  async function updateView(changes: Partial<ModalView>): Promise<void> {
    const view_id = kitchen.slack.as('ada').views().at(-1)?.id ?? '';
    await kitchen.app.client.views.update({ token, view_id, view: { ...kitchenForm, ...changes } });
  }

  test('pushes views, and the back arrow returns to the view below with its typed values', async () => {
    await openForm();
    await text().fill('soup');
    await page.getByRole('button', { name: 'Go deeper' }).click();
    await dialog('Depth 2').waitFor();
    await expectFocus(page.getByRole('textbox', { name: 'Note' }));
    await page.getByRole('textbox', { name: 'Note' }).fill('salt');
    await page.getByRole('button', { name: 'Go deeper' }).click();
    await dialog('Depth 3').waitFor();
    expect(await page.getByRole('textbox', { name: 'Note' }).inputValue()).toBe('');
    await page.getByRole('button', { name: 'Go back' }).click();
    await dialog('Depth 2').waitFor();
    expect(await page.getByRole('textbox', { name: 'Note' }).inputValue()).toBe('salt');
    await page.getByRole('button', { name: 'Go back' }).click();
    await dialog('Kitchen').waitFor();
    expect(await text().inputValue()).toBe('soup');
    expect(await page.getByRole('button', { name: 'Go back' }).count()).toBe(0);
  });

  test.runIf(isLongForm)('clears a whole stack of views with its response', async () => {
    await openForm();
    await page.getByRole('button', { name: 'Go deeper' }).click();
    await dialog('Depth 2').waitFor();
    await page.getByRole('button', { name: 'Go deeper' }).click();
    await dialog('Depth 3').waitFor();
    await page.getByRole('textbox', { name: 'Note' }).fill('pepper');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expectFocus(composer(page));
  });

  test.runIf(isLongForm)('updates a view while the person is typing in it', async () => {
    await openForm();
    await text().fill('sou');
    await updateView({
      blocks: [{ type: 'header', text: { type: 'plain_text', text: 'New' } }, ...kitchenForm.blocks],
    });
    await page.getByRole('heading', { name: 'New' }).waitFor();
    await expectFocus(text());
    await page.keyboard.type('p');
    expect(await text().inputValue()).toBe('soup');
  });

  test.runIf(isLongForm)(
    'replaces a loading view with a form, whose first field gets the focus',
    async () => {
      await openForm();
      const { submit: _, ...loading } = kitchenForm;
      const view_id = kitchen.slack.as('ada').views().at(-1)?.id ?? '';
      const blocks = [
        { type: 'section' as const, text: { type: 'plain_text' as const, text: 'Loading it' } },
      ];
      await kitchen.app.client.views.update({ token, view_id, view: { ...loading, blocks } });
      await page.getByText('Loading it').waitFor();
      await expectFocus(page.getByRole('button', { name: 'Leave' }));
      await updateView({});
      await expectFocus(text());
    },
  );

  test.runIf(isLongForm)('publishes its Home tab and receives the actions used there', async () => {
    page = await kitchen.open();
    await follow(page, 'Conversations', 'Kitchen');
    await page.getByRole('tab', { name: 'Home' }).click();
    const home = page.getByRole('tabpanel', { name: 'Home' });
    await home.getByText('Counted 0').waitFor();
    await home.getByRole('button', { name: 'Count' }).click();
    await home.getByText('Counted 1').waitFor();
    await choose(page, block(home, 'buttons').locator('.select-opener'), 'Option b');
    await expect
      .poll(() => kitchen.lastReceived('block_actions').actions)
      .toMatchObject([{ action_id: 'pick', selected_option: { value: 'b' } }]);
    await choose(page, block(home, 'menu').locator('.select-opener'), 'almond');
    await expect
      .poll(() => kitchen.lastReceived('block_actions').actions)
      .toMatchObject([{ block_id: 'menu', selected_option: { value: 'almond' } }]);
    await home.getByRole('button', { name: 'Open the form' }).click();
    await dialog('Kitchen').waitFor();
  });

  test.runIf(isLongForm)(
    'receives its global shortcut from the menu beside the composer and from the slash list',
    async () => {
      page = await kitchen.open();
      await page.getByRole('button', { name: 'Shortcuts and commands' }).click();
      await page.getByRole('menuitem', { name: 'Open the kitchen' }).click();
      await dialog('Kitchen').waitFor();
      await page.getByRole('button', { name: 'Leave' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await composer(page).focus();
      await page.keyboard.type('/ki');
      await expect.poll(hint).toContain('/kitchen');
      await page.keyboard.press('ArrowDown');
      await expect.poll(hint).toContain('Open the kitchen');
      await page.keyboard.press('Enter');
      await dialog('Kitchen').waitFor();
      expect(kitchen.lastReceived('shortcut').callback_id).toBe('open_kitchen');
      expect(kitchen.received.filter(({ type }) => type === 'shortcut')).toHaveLength(2);
      expect(await composer(page).inputValue()).toBe('');
    },
  );

  test('receives its message shortcut from the menu of a message', async () => {
    await kitchen.slack.as('ben').command('ml-platform', 'Lunch at noon?');
    page = await kitchen.open();
    const message = page.getByRole('article').filter({ hasText: 'Lunch at noon?' });
    await message.hover();
    await message.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Inspect' }).click();
    await dialog('Message').getByText('Lunch at noon?').waitFor();
    expect(kitchen.lastReceived('message_action')).toMatchObject({ message: { text: 'Lunch at noon?' } });
  });

  test.runIf(isLongForm)(
    'shows the replies to a message beside the conversation, and sends one',
    async () => {
      const channel = 'C0MLPLAT01';
      const { client } = kitchen.app;
      const { ts = '' } = await client.chat.postMessage({ token, channel, text: 'Soup for six?' });
      await client.chat.postMessage({ token, channel, thread_ts: ts, text: 'Ordered' });
      page = await kitchen.open();
      const opener = page.getByRole('button', { name: /1 reply/ });
      await opener.click();
      const thread = page.getByRole('complementary', { name: 'Thread' });
      await thread.getByText('Ordered').waitFor();
      await expectFocus(thread);
      await thread.getByRole('textbox', { name: 'Reply' }).fill('Thanks');
      await page.keyboard.press('Enter');
      await thread.getByText('2 replies').waitFor();
      expect(await page.getByRole('log', { name: 'Messages in ml-platform' }).textContent()).not.toContain(
        'Thanks',
      );
      await expectNoSeriousViolations(page, 'a thread');
      await page.keyboard.press('Escape');
      await thread.waitFor({ state: 'detached' });
      await expectFocus(page.getByRole('button', { name: /2 replies/ }));
    },
  );

  test.runIf(isLongForm)('appears as a channel member or not as soon as its membership changes', async () => {
    page = await kitchen.open();
    await page.getByText('Kitchen is a member').waitFor();
    kitchen.slack.setAppMembership('C0MLPLAT01', false);
    await page.getByText('Kitchen isn’t a member').waitFor();
    kitchen.slack.setAppMembership('C0MLPLAT01', true);
    await page.getByText('Kitchen is a member').waitFor();
  });

  test.runIf(isLongForm)('shows messages sent while the connection was lost once it is back', async () => {
    page = await kitchen.open();
    await page.getByRole('log').and(page.locator('[aria-busy=false]')).waitFor();
    await page.context().setOffline(true);
    // `setOffline` affects new connections only.
    kitchen.cutEventStreams();
    await page.getByText('Lost connection to the sandbox').waitFor();
    await kitchen.slack.as('ben').command('ml-platform', 'Did you hear that?');
    await page.context().setOffline(false);
    await page.getByText('Lost connection to the sandbox').waitFor({ state: 'detached' });
    await page.getByText('Did you hear that?').waitFor();
    // The browser reports the requests that failed meanwhile.
    expect(kitchen.errors.splice(0).filter((error) => !error.includes('net::ERR_'))).toEqual([]);
  });
});
