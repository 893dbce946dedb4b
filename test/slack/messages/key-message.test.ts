import { describe, expect, test } from 'vitest';
import type { IssuedKey } from '../../../src/application/ports/backend.ts';
import type { RunAccess } from '../../../src/application/ports/gateway.ts';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import { federatedAccountMessage, keyMessage } from '../../../src/slack/messages/key-message.ts';
import { plainAccount } from './plain-account.ts';

const SETUP = { publicUrl: 'https://keysmith.acme.test', organizationName: 'acme' };
const KEY = 'keysmith_000000000000-secret';

function shown(runAccess: RunAccess, method: 'api_key' | 'federated', teamName = 'ml-platform'): string {
  const externalIdentity = { issuer: 'https://gitlab.acme.test', subject: 'repo:acme/eval' };
  const account = plainAccount({ method, teamName, externalIdentity });
  const issued = {
    account,
    delivery: { keyId: '000000000000' },
    key: new Secret(KEY),
    expiresAtMs: 1,
  } as IssuedKey;
  const message =
    method === 'api_key'
      ? keyMessage(issued, { ...SETUP, runAccess })
      : federatedAccountMessage(account, { ...SETUP, runAccess });
  expect(checkMessage({ ...message })).toMatchObject({ ok: true });
  expect(message.text).not.toContain(KEY);
  return JSON.stringify(message.blocks);
}

describe.each(['api_key', 'federated'] as const)('The message about a new %s account', (method) => {
  test('has the lines to paste, and nothing else, where its runs can be logged', () => {
    const text = shown('available', method);
    expect(text).toContain('WANDB_BASE_URL=https://keysmith.acme.test');
    expect(text).not.toContain('can’t be logged');
  });

  test('says after the lines that the team’s runs can’t be logged yet, and whom to ask', () => {
    const text = shown('no_credential', method, "o'team");
    expect(text).toContain('WANDB_BASE_URL=');
    expect(text).toContain("Runs of `o'team` can’t be logged yet");
    expect(text).toContain('Ask an organization admin, or your Keysmith administrator');
    expect(text).toContain("upstream add 'o'");
  });

  test('says that W&B rejects the team’s credential, and whom to ask', () => {
    expect(shown('credential_rejected', method)).toMatch(
      /at the moment: the W&B credential .*Ask one of them/,
    );
  });

  test.each(['no_upstream', 'not_verified'] as const)(
    'offers no variables for runs, and says what the credential is for, where there are none (%s)',
    (runAccess) => {
      const text = shown(runAccess, method);
      expect(text).not.toContain('WANDB_');
      expect(text).toContain('It can’t log W&B runs');
      expect(text).toContain('ask your Keysmith administrator');
    },
  );
});
