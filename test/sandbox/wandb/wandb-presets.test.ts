import { describe, expect, it } from 'vitest';
import { logDemoRun } from '../../../src/sandbox/demo-run/demo-run.ts';
import { type WandbVersion, wandbPresets } from '../../../src/sandbox/wandb/wandb-presets.ts';
import { sharedSigningPair, signJwt, startIssuer } from '../../world/issuer-server.ts';
import { readAuditLog } from './audit/audit-calls.ts';
import { basicOf, newAccount, scim } from './scim/scim-calls.ts';
import { account, call, createServiceAccount, dataOf, startWandb } from './wandb-calls.ts';

const headers = { 'user-agent': 'W&B Public Client 0.28.2', 'use-admin-privileges': 'true' };
const versions = Object.keys(wandbPresets) as WandbVersion[];

/** Returns what a client can observe on a server of the version. */
async function observed(version: WandbVersion) {
  const wandb = await startWandb({
    capabilities: wandbPresets[version],
    caller: 'organization_service_account',
  });
  const probe = await call(wandb, '{ __type(name: "Query") { fields { name } } }');
  const plain = await call(wandb, '{ users(query: "x") { edges { node { id } } } }');
  const keys = wandb.activeKeys().length;
  await dataOf(wandb, createServiceAccount, { ...account(), headers });
  const createsKey = wandb.activeKeys().length > keys;
  const query = `{
    entity(name: "ml-platform") { members { name apiKey } }
    serverInfo { latestLocalVersionInfo { versionOnThisInstanceString } }
  }`;
  const { entity, serverInfo } = await dataOf(wandb, query, { headers });
  const { json: people } = await scim(wandb, 'Users');
  const created = await scim(wandb, 'Users', { method: 'POST', body: newAccount('nightly-eval-2') });
  const authorization = basicOf('', wandb.apiKey);
  return {
    version: serverInfo.latestLocalVersionInfo.versionOnThisInstanceString.slice(0, 4),
    introspection: probe.status === 200 ? Object.keys(probe.json).join() : probe.status,
    isGated: plain.json.errors?.[0].message === 'relogin required',
    keyFormat: wandb.createKey('ada').replace(/[-_].*$/, ''),
    returnsKey: entity.members.at(-1).apiKey !== null,
    createsKey,
    emails: Array.isArray(people.Resources[0].emails) ? 'array' : 'object',
    bearer: (await scim(wandb, 'Users', { authorization: `Bearer ${wandb.apiKey}` })).status,
    creation: created.status,
    auditLog: (await readAuditLog(wandb, { authorization })).json === undefined ? 'lines' : 'pages',
  };
}

describe('the preset of a W&B version', () => {
  const old = {
    introspection: 'data',
    isGated: false,
    keyFormat: 'local',
    returnsKey: true,
    createsKey: true,
    emails: 'object',
    bearer: 401,
    creation: 400,
    auditLog: 'lines',
  };
  const keysOnce = { ...old, returnsKey: false, keyFormat: 'wandb' };
  const twoSteps = { ...keysOnce, createsKey: false, bearer: 200 };
  const gated = { ...twoSteps, isGated: true };
  const withAccounts = { ...gated, emails: 'array', creation: 201, introspection: 'errors' };
  const expected: Record<WandbVersion, object> = {
    '0.74': old,
    '0.76': old,
    '0.77': keysOnce,
    '0.78': keysOnce,
    '0.79': twoSteps,
    '0.80': { ...gated, introspection: 400 },
    '0.81': withAccounts,
    '0.82': withAccounts,
    '0.83': { ...withAccounts, introspection: 'data', auditLog: 'pages' },
    '0.84': { ...withAccounts, auditLog: 'pages' },
  };

  it.each(versions)('%s behaves as W&B documents it', async (version) => {
    expect(await observed(version)).toEqual({ version, ...expected[version] });
  });

  it.each(versions)('%s logs runs, also of an account whose JWT it exchanges', async (version) => {
    const wandb = await startWandb({
      capabilities: wandbPresets[version],
      caller: 'organization_service_account',
    });
    const [issuer, pair] = await Promise.all([startIssuer(), sharedSigningPair('RS256')]);
    issuer.publish(pair.publicJwk);
    wandb.federation.registerIssuer(issuer.url);
    wandb.federation.addAccount({ team: 'ml-platform', name: 'federated', subject: 'train' });
    const exp = Math.floor(Date.now() / 1000) + 300;
    const assertion = await signJwt(pair, {
      iss: issuer.url,
      sub: 'train',
      aud: 'acme',
      iat: exp - 300,
      exp,
    });
    const exchanged = await fetch(`${wandb.baseUrl}/oidc/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }),
    });
    const { access_token: token } = (await exchanged.json()) as { access_token: string };
    const { id } = wandb.team('ml-platform').createAccountWithoutKey('train');
    for (const credential of [
      { kind: 'api_key', secret: wandb.createKey(id) },
      { kind: 'access_token', secret: token },
    ] as const) {
      const outcome = await logDemoRun({
        baseUrl: wandb.baseUrl,
        credential,
        project: 'demo',
        steps: 1,
        secondsPerStep: 0,
        signal: new AbortController().signal,
        onProgress: () => {},
      });
      expect(outcome).toEqual({ kind: 'finished' });
    }
    expect(wandb.runs.store.runs().map(({ account }) => account.name)).toEqual(['train', 'federated']);
  });
});
