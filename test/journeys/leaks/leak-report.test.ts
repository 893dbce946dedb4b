import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxTeams } from '../../../src/config/sandbox-config.ts';
import { formatApiKey } from '../../../src/domain/keys/api-key.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { acmeWith } from '../../slack/acme-people.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { createFirst, keyRow, rotate } from '../keys/rotating.ts';

const scanner = generateKeyPairSync('ec', { namedCurve: 'P-256' });
/** The key, the body and the signature of the example in GitHub's documentation of the partner program. */
const GITHUB = {
  id: '90a421169f0a406205f1563a953312f0be898d3c7b6c06b681aa86a874555f4a',
  publicKey:
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9MJJHnMfn2+H4xL4YaPDA4RpJqUqkCmRCBnYERxZanmcpzQSXs1X/AljlKkbJ8qpVIW4clayyef9gWhFbNHWAA==',
  text: '[{"token":"some_token","type":"some_type","url":"some_url"}]',
  signature:
    'MEUCIQDKZokqnCjrRtw0tni+2Ltvl/uiMJ1EGumEsp1BsNr32AIgQY1YXD2nlj+XNfGK4rBfkMJ1JDOQcYXxa2sY8FNkrKc=',
};
const gitHubKey = createPublicKey({
  key: Buffer.from(GITHUB.publicKey, 'base64'),
  format: 'der',
  type: 'spki',
});
const LEAK_KEYS = [
  { id: 'scanner-1', publicKey: scanner.publicKey },
  { id: GITHUB.id, publicKey: gitHubKey },
];
const PLACE = 'https://github.com/octocat/hello/blob/1234/run.py';
const AUTHORITY = {
  introspectionClients: [],
  leakKeys: LEAK_KEYS,
  allowsInsecureIssuers: false,
  audiences: [],
  accessTokenSeconds: 3600,
  failuresPerMinute: 30,
};

let workspace: RunningWorkspace;
let ada: SlackPerson;

const matchOf = (token: string, more: object = {}) => ({
  token,
  type: 'keysmith_api_key',
  url: `https://bot:hunter2@github.com/octocat/hello/blob/1234/run.py?ref=${token}#L3`,
  source: 'content',
  ...more,
});

async function report(
  body: unknown,
  { id = 'scanner-1', text = JSON.stringify(body), headers = {} as Record<string, string> } = {},
) {
  const signature = sign('sha256', Buffer.from(text), scanner.privateKey).toString('base64');
  const response = await fetch(`${workspace.keysmith.url}/v1/leaks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'github-public-key-identifier': id,
      'github-public-key-signature': signature,
      ...headers,
    },
    body: text,
  });
  return { status: response.status, body: (await response.json()) as unknown };
}

async function works(key: string): Promise<boolean> {
  const response = await fetch(`${workspace.keysmith.url}/forward-auth`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return response.ok;
}

async function newKey(name: string, team = 'ml-platform'): Promise<string> {
  if (team === 'ml-platform') return keyIn(await createAccount(ada, 'random', name)) ?? '';
  const cy = workspace.slack.as('Cy');
  await openForm(cy, 'random', `/wandb sa new ${name} --team ${team}`);
  await cy.submit();
  return (
    keyIn(
      await cy.waitForMessage('random', (message) => !!keyIn(message) && visibleText(message).includes(name)),
    ) ?? ''
  );
}

const leaks = async () =>
  (await workspace.audit()).filter(({ action }) => action === 'api_key.leak_reported');

describe('POST /v1/leaks with the builtin backend', () => {
  beforeAll(async () => {
    const acme = sandboxTeams();
    workspace = await startWorkspace({
      seed: acmeWith([{ id: 'U0EVE00005', name: 'eve', email: 'eve@acme.test' }]),
      organization: {
        teams: acme.teams.map((team) =>
          team.name === 'ml-platform' ? team : { ...team, policy: { onLeak: 'notify' as const } },
        ),
      },
      keysmith: { authority: AUTHORITY },
    });
    ada = workspace.slack.as('Ada');
  });
  afterAll(() => workspace.stop());

  test('revokes that one key at once, audits the place, and notifies the contact and the admins once', async () => {
    const [key, other] = [await newKey('nightly-eval'), await newKey('weekly-eval')];
    expect([await works(key), await works(other)]).toEqual([true, true]);

    const { status, body } = await report([matchOf(key)]);

    expect(status).toBe(200);
    expect(body).toEqual([
      {
        token_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        token_type: 'keysmith_api_key',
        label: 'true_positive',
      },
    ]);
    expect([await works(key), await works(other)]).toEqual([false, true]);
    expect(await leaks()).toMatchObject([
      {
        actor: { type: 'system', name: 'leak_report' },
        details: { team: 'ml-platform', name: 'nightly-eval', place: PLACE, outcome: 'revoked' },
      },
    ]);
    await workspace.keysmith.settle();
    const message = await ada.waitForMessage('Keysmith', 'Keysmith revoked key');
    expect(visibleText(message)).toContain(`It was found at \`${PLACE}\``);
    expect(visibleText(message)).toContain(
      'an admin of the team runs `/wandb service-account show nightly-eval --team ml-platform` and presses *Create key*',
    );
    // Ada is the contact and an admin.
    const own = ada.messages('Keysmith').filter((one) => visibleText(one).includes('Keysmith revoked key'));
    expect(own).toHaveLength(1);

    expect((await report([matchOf(key), matchOf(key)])).body).toEqual([
      (body as unknown[])[0],
      (body as unknown[])[0],
    ]);
    await workspace.keysmith.settle();
    expect(await leaks()).toHaveLength(1);
    expect(
      ada.messages('Keysmith').filter((one) => visibleText(one).includes('Keysmith revoked key')),
    ).toHaveLength(1);
  });

  test('only notifies where the policy of the team says so, once for each place however often it is reported', async () => {
    const key = await newKey('quarterly-eval', 'research');
    const inGist = matchOf(key, { url: '', source: 'Gist_comment' });
    await report([inGist, inGist]);
    await report([inGist]);
    expect(await works(key)).toBe(true);
    expect((await leaks()).at(-1)).toMatchObject({
      details: { team: 'research', place: 'Gist comment', outcome: 'notified' },
    });
    const cy = workspace.slack.as('Cy');
    const messages = async () => {
      await workspace.keysmith.settle();
      return cy
        .messages('Keysmith')
        .map(visibleText)
        .filter((text) => text.includes('Anyone can read'));
    };
    expect(await messages()).toEqual([
      expect.stringMatching(
        /found at `Gist comment`.*Your team’s policy leaves it active[\s\S]*Revoke[\s\S]*Rotate/,
      ),
    ]);
    await report([inGist, matchOf(key), matchOf(key, { url: `${PLACE}#L9` })]);
    expect(await messages()).toEqual([
      expect.stringContaining('Gist comment'),
      expect.stringContaining(`found at \`${PLACE}\``),
    ]);
    expect(await works(key)).toBe(true);
  });

  test('accepts the signature of GitHub’s own example', async () => {
    const { id, text, signature } = GITHUB;
    const headers = { 'github-public-key-signature': signature };
    expect(await report([], { id, text, headers })).toEqual({
      status: 200,
      body: [
        {
          token_hash: createHash('sha256').update('some_token').digest('hex'),
          token_type: 'some_type',
          label: 'false_positive',
        },
      ],
    });
    expect((await report([], { id, text: `${text} `, headers })).status).toBe(403);
  });

  test('gives the same response for a key that exists, one that doesn’t, and one with another secret', async () => {
    const key = await newKey('hourly-eval');
    const [, keyId = ''] = /keysmith_(\w+)-/.exec(key) ?? [];
    const unknown = formatApiKey({ keyId: 'A'.repeat(12), secret: 'B'.repeat(34) });
    const forged = formatApiKey({ keyId, secret: 'B'.repeat(34) });
    const responses = await Promise.all([report([matchOf(forged)]), report([matchOf(unknown)])]);
    expect(await works(key)).toBe(true);
    responses.push(await report([matchOf(key)]));
    const shapes = responses.map(({ status, body }) => [
      status,
      (body as { label: string }[]).map(({ label }) => label),
    ]);
    expect(new Set(shapes.map((shape) => JSON.stringify(shape))).size).toBe(1);
    const noKey = await report([matchOf('ghp_notOurs'), matchOf(`${key}x`)]);
    expect((noKey.body as { label: string }[]).map(({ label }) => label)).toEqual([
      'false_positive',
      'false_positive',
    ]);
  });

  test('reads 1,000 matches at most, and refuses other bodies', async () => {
    const many = Array.from({ length: 1_000 }, () => matchOf('none'));
    expect((await report(many)).status).toBe(200);
    for (const body of [[...many, matchOf('none')], {}, [{ type: 'x' }], [[]], 'text', null]) {
      expect((await report(body)).status).toBe(400);
    }
    expect((await report([], { text: '[' })).status).toBe(400);
    expect((await report([matchOf('x'.repeat(1024 * 1024))])).status).toBe(413);
    expect((await report([], { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
  });

  test('logs no part of a reported key, also of a report that it refuses', async () => {
    const key = await newKey('daily-eval');
    await report([matchOf(key)]);
    await report({ token: key });
    const rows = workspace.rows<{ name: string }>("select name from sqlite_master where type = 'table'");
    const stored = rows.map(({ name }) => JSON.stringify(workspace.rows(`select * from "${name}"`)));
    for (const text of [workspace.logs(), ...stored]) {
      expect(text).not.toContain(key.slice(-40, -6));
      expect(text).not.toContain('hunter2');
    }
  });

  test('refuses a body that no known key signed, and limits such failures per address', async () => {
    const key = await newKey('monthly-eval');
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const text = JSON.stringify([matchOf(key)]);
    const wrong = sign('sha256', Buffer.from(text), other.privateKey).toString('base64');
    const attempts = [
      await report([matchOf(key)], { id: 'scanner-2' }),
      await report([matchOf(key)], { headers: { 'github-public-key-signature': wrong } }),
      await report([matchOf(key)], { headers: { 'github-public-key-signature': 'x y' } }),
      await report([matchOf(key)], { headers: { 'github-public-key-signature': '' } }),
      await report([matchOf(key)], { headers: { 'github-public-key-identifier': '' } }),
    ];
    expect(attempts.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect(attempts[0]?.body).toMatchObject({ error: 'invalid_signature' });
    const more = Array.from({ length: 30 }, () => report([matchOf(key)], { id: 'scanner-2' }));
    expect((await Promise.all(more)).some(({ status }) => status === 429)).toBe(true);
    expect(await works(key)).toBe(true);
    // A signed report is never limited.
    expect((await report([matchOf(key)])).status).toBe(200);
    expect(await works(key)).toBe(false);
  });

  test('cancels the rotation whose new key it was, and finishes one whose old key it was', async () => {
    for (const [name, leaked] of [
      ['leaked-new', 'new'],
      ['leaked-old', 'old'],
    ] as const) {
      const old = await createFirst(workspace, ada, name);
      const own = keyRow(workspace, old.keyId)?.expiresAtMs;
      const replacement = await rotate(workspace, ada, name, { overlap: '1' });
      await report([matchOf(leaked === 'new' ? replacement.key : old.key)]);
      await workspace.keysmith.settle();
      await workspace.keysmith.settle();
      expect([await works(old.key), await works(replacement.key)]).toEqual([
        leaked === 'new',
        leaked === 'old',
      ]);
      if (leaked === 'new') expect(keyRow(workspace, old.keyId)?.expiresAtMs).toBe(own);
    }
    await ada.waitForMessage('Keysmith', 'Canceled: the new key was revoked, because it was found in public');
    await ada.waitForMessage('Keysmith', /Keysmith revoked the old key .* because it was found in public/);
  });
});

test.each(BACKENDS)('doesn’t exist without KEYSMITH_LEAK_KEYS, or with a W&B server: %s', async (backend) => {
  const leakKeys = backend === 'builtin' ? [] : LEAK_KEYS;
  workspace = await startWorkspace({ backend, keysmith: { authority: { ...AUTHORITY, leakKeys } } });
  try {
    expect((await report([])).status).toBe(404);
  } finally {
    await workspace.stop();
  }
});
