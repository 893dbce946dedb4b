import { expect, it } from 'vitest';
import { modal, startSlackWithApp } from '../sandbox/slack/slack-with-app.ts';

it('opens a form, fills it in and shows what the app answers, through the driver alone', async () => {
  const { slack, receiver, client } = await startSlackWithApp();
  const ada = slack.as('ada');
  receiver.answer = async ({ fields, payload }) => {
    if (fields.command) {
      await client.views.open({ trigger_id: fields.trigger_id ?? '', view: modal() });
    } else if (payload.type === 'view_submission') {
      await client.chat.postEphemeral({ channel: 'C0MLPLAT01', user: ada.id, text: 'Made nightly-eval' });
    }
    return '';
  };
  expect(await ada.command('ml-platform', '/wandb sa new')).toEqual({ ok: true });
  expect(ada.view()?.title).toBe('A form');
  await ada.fill('name', 'nightly-eval');
  expect(ada.values()).toEqual({ name: 'nightly-eval' });
  expect(await ada.submit()).toEqual({ ok: true });
  const message = await ada.waitForMessage('ml-platform', 'Made nightly-eval');
  expect(message.ephemeral).toBe(true);
  expect(slack.as('ben').messages('ml-platform')).toEqual([]);
});
