import type { App, BlockAction, ButtonAction } from '@slack/bolt';
import {
  groups,
  kitchenForm,
  kitchenHome,
  kitchenMessage,
  messageModal,
  nestedModal,
} from './kitchen-sink-blocks.ts';

/** Registers listeners that open, push, update and publish views, and response every kind of request. */
export function registerListeners(app: App): void {
  registerCommand(app);
  registerModals(app);
  registerHomeTab(app);
  app.shortcut({ type: 'shortcut', callback_id: 'open_kitchen' }, async ({ ack, client, shortcut }) => {
    await ack();
    await client.views.open({ trigger_id: shortcut.trigger_id, view: kitchenForm });
  });
  app.shortcut(
    { type: 'message_action', callback_id: 'inspect_message' },
    async ({ ack, client, shortcut, respond }) => {
      await ack();
      await client.views.open({
        trigger_id: shortcut.trigger_id,
        view: messageModal(String(shortcut.message.text)),
      });
      await respond({ text: 'Inspected' });
    },
  );
  app.options(/./, async ({ ack, options }) => {
    const found = groups.map(({ label, options: all }) => ({
      label,
      options: all.filter(({ text }) => text.text.toLowerCase().includes(options.value.toLowerCase())),
    }));
    const filled = found.filter(({ options: left }) => left.length > 0);
    if (options.type === 'block_suggestion') await ack({ option_groups: filled });
  });
  // These elements have no other listener.
  app.action(/^(value|pick|sure)$/, async ({ ack }) => ack());
}

function registerCommand(app: App): void {
  app.command('/kitchen', async ({ ack, command, client, respond }) => {
    await ack();
    if (command.text === 'message') {
      await respond({ response_type: 'in_channel', text: 'Kitchen', blocks: kitchenMessage });
    } else if (command.text === 'ephemeral') {
      await respond({ text: 'Kitchen', blocks: kitchenMessage });
    } else {
      await client.views.open({ trigger_id: command.trigger_id, view: kitchenForm });
    }
  });
}

function registerModals(app: App): void {
  app.action('push', async ({ ack, body, client }) => {
    await ack();
    const { trigger_id, view } = body as BlockAction;
    const depth = Number(view?.private_metadata || '1');
    await client.views.push({ trigger_id, view: nestedModal(depth + 1) });
  });
  app.view('kitchen', async ({ ack, view, body, client }) => {
    const { value } = view.state.values.plain_text_input?.value ?? {};
    if (value === 'burnt') {
      await ack({ response_action: 'errors', errors: { plain_text_input: 'Not burnt, please' } });
      return;
    }
    await ack();
    await client.chat.postMessage({ channel: body.user.id, text: `Cooked ${value}` });
  });
  app.view({ type: 'view_closed', callback_id: 'kitchen' }, async ({ ack }) => ack());
  app.view('deeper', async ({ ack, view }) => {
    const depth = Number(view.private_metadata);
    if (depth === 3) await ack({ response_action: 'clear' });
    else await ack({ response_action: 'update', view: messageModal(`Noted at ${depth}`) });
  });
}

function registerHomeTab(app: App): void {
  app.event('app_home_opened', async ({ event, client }) => {
    if (event.tab === 'home') await client.views.publish({ user_id: event.user, view: kitchenHome(0) });
  });
  app.action('count', async ({ ack, body, action, client }) => {
    await ack();
    const { user, view } = body as BlockAction;
    const count = Number((action as ButtonAction).value) + 1;
    const hash = view?.hash ?? '';
    await client.views.publish({ user_id: user.id, hash, view: kitchenHome(count) });
  });
  app.action('open_form', async ({ ack, body, client }) => {
    await ack();
    await client.views.open({ trigger_id: (body as BlockAction).trigger_id, view: kitchenForm });
  });
}
