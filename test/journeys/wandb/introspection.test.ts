import { expect, test } from 'vitest';
import type { Capabilities } from '../../../src/sandbox/wandb/capabilities.ts';
import { doctorOf } from '../../cli/wandb-doctor.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount, openForm } from '../../world/new-account-form.ts';
import { startWorkspace } from '../../world/running-workspace.ts';
import { endAccount, fillFederated } from '../steps.ts';

const MODES: Capabilities['introspection'][] = ['on', 'http_400', 'errors', 'null'];
const SERVERS: Partial<Capabilities>[] = [
  {},
  // Without federated identities, of which the app learns only from answers.
  { hasOAuthClients: false, version: null },
  { gatesAdminPrivileges: true, oddities: ['null_members', 'null_edges', 'null_features', 'null_payloads'] },
];

/** Creates, lists and revokes accounts. Returns everything that the app asked the server, and what doctor prints. */
async function useServer(capabilities: Partial<Capabilities>) {
  const { hasOAuthClients = true } = capabilities;
  const workspace = await startWorkspace({ backend: 'wandb', wandb: { capabilities } });
  try {
    const { wandb } = workspace;
    const ada = workspace.slack.as('Ada');
    await createAccount(ada, 'random', 'nightly-eval');
    if (hasOAuthClients) {
      await openForm(ada, 'random', '/wandb sa new ci-training');
      await fillFederated(ada);
      expect(await ada.submit()).toEqual({ ok: true });
      await ada.waitForMessage('random', 'Federated account `ci-training`');
    }
    expect(await endAccount(ada, 'random', '/wandb sa revoke nightly-eval')).toContain(
      'Deleted `nightly-eval` in `ml-platform` from W&B.',
    );
    expect(wandb.team('ml-platform').serviceAccounts()).toHaveLength(hasOAuthClients ? 1 : 0);
    const list = visibleText(await ask(ada, 'random', '/wandb sa list'));
    expect(list.includes('ci-training')).toBe(hasOAuthClients);

    const asked = wandb.requests.flatMap(({ operations }) => operations);
    const { report } = await doctorOf({ WANDB_BASE_URL: wandb.baseUrl, WANDB_API_KEY: wandb.apiKey });
    return { asked: asked.toSorted(), report };
  } finally {
    await workspace.stop();
  }
}

test.each(SERVERS)(
  'a W&B server that refuses introspection, in any way, is used as one that allows it: %j',
  async (server) => {
    const [allowed, ...refused] = await Promise.all(
      MODES.map((introspection) => useServer({ ...server, introspection })),
    );

    expect(refused).toEqual([allowed, allowed, allowed]);
    expect(allowed?.asked).toContain('deleteInvite');
    expect(allowed?.asked.filter((name) => name.startsWith('__'))).toEqual([]);
  },
);
