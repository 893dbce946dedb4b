import { describe, expect, it } from 'vitest';
import { modal, nameInput, openView, options, startSlackWithApp } from '../sandbox/slack/slack-with-app.ts';

describe('the driver of a person in Slack', () => {
  it('runs a command, fills in and submits a form, and receives the message', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    const ada = slack.as('ada');
    receiver.response = async ({ fields, payload }) => {
      if (fields.command) {
        await client.views.open({ trigger_id: fields.trigger_id ?? '', view: modal() });
      } else if (payload.type === 'view_submission') {
        await client.chat.postEphemeral({
          channel: 'C0MLPLAT01',
          user: ada.id,
          text: 'Created nightly-eval',
        });
      }
      return '';
    };
    expect(await ada.command('ml-platform', '/wandb sa new')).toEqual({ ok: true });
    expect(ada.view()?.title).toBe('A form');
    await ada.fill('name', 'nightly-eval');
    expect(ada.values()).toEqual({ name: 'nightly-eval' });
    expect(await ada.submit()).toEqual({ ok: true });
    const message = await ada.waitForMessage('ml-platform', 'Created nightly-eval');
    expect(message.ephemeral).toBe(true);
    expect(slack.as('ben').messages('ml-platform')).toEqual([]);
  });

  it('names what a test waited for and what the person saw instead', async () => {
    const { slack, client } = await startSlackWithApp();
    await client.chat.postMessage({ channel: 'C0MLPLAT01', text: 'Something else' });
    const ada = slack.as('ada');
    await expect(ada.waitForMessage('ml-platform', 'A key', { timeoutMs: 10 })).rejects.toThrow(
      /Waited 10 ms for ada to see a message in ml-platform \(A key\)\. Instead:\nSomething else/,
    );
    await expect(ada.waitForView('A form', { timeoutMs: 10 })).rejects.toThrow('no view is open');
    await ada.waitUntilClosed();
  });

  it('waits for a message that has not arrived yet', async () => {
    const { slack, client } = await startSlackWithApp();
    const coming = slack.as('ada').waitForMessage('Keysmith', /^Later/);
    await client.chat.postMessage({ channel: 'U0ADA00001', text: 'Sooner' });
    await client.chat.postMessage({ channel: 'U0ADA00001', text: 'Later' });
    expect((await coming).text).toBe('Later');
  });

  it('names the available fields, options and buttons when a test uses an unknown one', async () => {
    const slackWithApp = await startSlackWithApp();
    const { slack } = slackWithApp;
    const ada = slack.as('ada');
    await expect(ada.clickInView('go')).rejects.toThrow('No view is open for ada');
    const choice = { type: 'static_select', action_id: 'team', options: options('a', 'b') };
    await openView(slackWithApp, modal({ blocks: [nameInput(choice, { block_id: 'team' })] }));
    await expect(ada.fill('teem', 'x')).rejects.toThrow('The view has no field teem. Fields: team');
    await expect(ada.fill('team', 'c')).rejects.toThrow('Options: Option a (a), Option b (b)');
    await expect(ada.clickInView('go')).rejects.toThrow('No button is called go. Buttons: none');
    expect(() => slack.as('zoe')).toThrow('No such person: zoe');
  });
});
