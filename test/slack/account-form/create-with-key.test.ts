import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN, parseApiKey } from '../../../src/domain/keys/api-key.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace, type Transport } from '../../world/running-workspace.ts';

describe.each<Transport>(['http', 'socket'])('An admin makes an account with a key, over %s', (transport) => {
  let workspace: RunningWorkspace;
  beforeEach(async () => {
    workspace = await startWorkspace({ transport });
  });
  afterEach(() => workspace.stop());

  test('the key comes once, only to the person who asked, and is stored as a hash', async () => {
    const ada = workspace.slack.as('Ada');
    await openForm(ada, 'ml-platform');
    await ada.fill('name', 'nightly-eval');

    expect(await ada.submit()).toEqual({ ok: true });
    const message = await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    await ada.waitUntilClosed();

    const key = keyIn(message) ?? '';
    const keyId = parseApiKey(key)?.keyId;
    expect(message.ephemeral).toBe(true);
    expect(message.text).not.toMatch(API_KEY_PATTERN);
    expect(workspace.slack.as('Ben').messages('ml-platform')).toEqual([]);
    expect(workspace.rows('select key_id, secret_hash from api_keys')).toEqual([
      { key_id: keyId, secret_hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect((await workspace.audit()).map(({ action }) => action).slice(-2)).toEqual([
      'service_account.created',
      'api_key.delivered',
    ]);
    expect(workspace.logs()).not.toContain(parseApiKey(key)?.secret);
  });
});
