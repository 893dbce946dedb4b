import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseMethod, TRANSPORTS } from '../../journeys/steps.ts';
import { type GatewayWorld, startGatewayWorld, TEAM } from '../../world/gateway-world.ts';
import { sharedSigningPair } from '../../world/issuer-server.ts';
import { exchange, ISSUER, SUBJECT, signAssertion } from '../../world/keysmith-with-credentials.ts';
import { openForm } from '../../world/new-account-form.ts';
import {
  type Exchange,
  isBeyondTheRun,
  recordedRunName,
  replayRun,
  runSdks,
} from '../../world/wandb-runs/replay.ts';

const failed = (exchanges: Exchange[]) =>
  exchanges
    .filter(({ status, problems, json }) => status !== 200 || problems.length > 0 || json?.errors)
    .map(({ operation, url, status, text, problems }) => ({ operation, url, status, text, problems }));

describe.each(TRANSPORTS)(
  'the recorded requests of an SDK through the gateway, with %s from Slack',
  (transport) => {
    let world: GatewayWorld;
    let token: string;
    beforeAll(async () => {
      const pair = await sharedSigningPair('ES256');
      const issuers = [{ url: ISSUER, jwks: { keys: [pair.publicJwk] } }];
      world = await startGatewayWorld({ transport, organization: { issuers } });
      const ada = world.workspace.slack.as('Ada');
      await openForm(ada, 'random', '/wandb sa new nightly-federated');
      await chooseMethod(ada, 'federated');
      await ada.fill('subject', SUBJECT);
      await ada.submit();
      await ada.waitForMessage('random', 'nightly-federated');
      token = String(
        JSON.parse((await exchange(world.baseUrl, await signAssertion(pair))).body).access_token,
      );
    });
    afterAll(() => world.stop());

    it.each(runSdks)('log a run of SDK %s, read it back and resume it with a key', async (sdk) => {
      const to = { sdk, baseUrl: world.baseUrl, team: TEAM, authorization: world.authorization };
      expect(failed(await replayRun({ ...to, script: 'full' }))).toEqual([]);
      expect(failed(await replayRun({ ...to, script: 'resume' }))).toEqual([]);
      expect(world.upstream.runs.store.run(TEAM, 'demo', recordedRunName(sdk))?.history.count()).toBe(8);
    });

    it.each(runSdks)('log a run of SDK %s with an identity token', async (sdk) => {
      const exchanges = await replayRun({
        sdk,
        baseUrl: world.baseUrl,
        team: TEAM,
        authorization: `Bearer ${token}`,
        script: 'full',
        // 0.17.5 sends the token for the run alone.
        ...(sdk === '0.17.5' && { skip: isBeyondTheRun }),
      });
      expect(failed(exchanges)).toEqual([]);
    });
  },
);
