import { expect, test } from 'vitest';
import {
  checkUpstreamCredential,
  probeUpstream,
} from '../../../../src/backends/wandb/upstream/check-upstream-credential.ts';
import { Secret } from '../../../../src/domain/keys/secret.ts';

const TEAM = 'ml-platform';
const BASIC = `Basic ${Buffer.from(`api:${'a'.repeat(40)}`).toString('base64')}`;

/** Asks a server that responds like this. Returns what it received, too. */
async function ask(response: () => Response | Promise<Response>, authorization = BASIC) {
  const received: { url: string; headers: Headers; body: string }[] = [];
  const options = {
    upstreamUrl: 'https://wandb.acme.test/ml',
    fetch: (async (url: string, init: RequestInit) => {
      received.push({ url, headers: new Headers(init.headers), body: String(init.body) });
      return response();
    }) as unknown as typeof fetch,
    timeoutMs: 1_000,
    now: () => 0,
    monotonicMs: () => performance.now(),
  };
  const secret = new Secret(authorization);
  const check = await checkUpstreamCredential({ authorization: secret, teamName: TEAM }, options);
  return { check, probe: await probeUpstream(secret, options), received };
}

const viewer = (fields: object | null) => () =>
  Response.json({
    data: {
      viewer: fields && {
        id: 'VXNlcjox',
        username: 'svc',
        email: null,
        admin: false,
        entity: null,
        teams: { edges: [] },
        ...fields,
      },
    },
  });
const teams = (...names: string[]) => ({ teams: { edges: names.map((name) => ({ node: { name } })) } });
const accepted = { outcome: 'accepted', owner: 'svc', isWider: false, isAdmin: false, otherTeams: [] };

test.each([
  ['is in the team alone', teams(TEAM), accepted],
  ['is a service account, whose entity is the team', { entity: TEAM }, accepted],
  ['has an entity of its own', { ...teams('svc', TEAM), entity: 'svc' }, accepted],
  ['is in another team too', teams(TEAM, 'vision'), { ...accepted, isWider: true, otherTeams: ['vision'] }],
  [
    'has another team as its default',
    { ...teams(TEAM), entity: 'vision' },
    { ...accepted, isWider: true, otherTeams: ['vision'] },
  ],
  ['is an administrator', { ...teams(TEAM), admin: true }, { ...accepted, isWider: true, isAdmin: true }],
  [
    'is in another team instead',
    teams('ML-Platform'),
    { outcome: 'other_team', owner: 'svc', isAdmin: false, teams: ['ML-Platform'] },
  ],
  [
    'is an administrator outside the team',
    { admin: true },
    { outcome: 'other_team', owner: 'svc', isAdmin: true, teams: [] },
  ],
])('A credential whose owner %s is judged by that', async (_, fields, expected) => {
  const { check, probe } = await ask(viewer(fields));
  expect(check).toEqual(expected);
  expect(probe).toBe('accepted');
});

test.each<[string, () => Response | Promise<Response>, string]>([
  ['names no user', viewer(null), 'rejected'],
  ['responds with 401', () => Response.json({ errors: [] }, { status: 401 }), 'rejected'],
  ['responds with 403', () => Response.json({}, { status: 403 }), 'unknown'],
  ['responds with 503', () => new Response('', { status: 503 }), 'unknown'],
  ['redirects to a sign-in page', () => Response.redirect('https://sso.acme.test/'), 'unknown'],
  ['responds with a sign-in page', () => new Response('<html>'), 'unknown'],
  ['can’t be reached', () => Promise.reject(new TypeError('fetch failed')), 'unknown'],
])('A credential is rejected only by W&B itself, not by a server that %s', async (_, response, outcome) => {
  const { check, probe } = await ask(response);
  expect(check.outcome).toBe(outcome);
  expect(probe).toBe(outcome);
  expect(JSON.stringify(check)).not.toContain('a'.repeat(40));
});

test('W&B is asked once, with the credential as the gateway sends it and without the privileges of an admin', async () => {
  for (const authorization of [BASIC, 'Bearer eyJ.access.token']) {
    const { received } = await ask(viewer(teams(TEAM)), authorization);
    expect(received.map(({ url }) => url)).toEqual(Array(2).fill('https://wandb.acme.test/ml/graphql'));
    for (const { headers, body } of received) {
      expect(headers.get('authorization')).toBe(authorization);
      expect(headers.has('use-admin-privileges')).toBe(false);
      expect(body).not.toContain('apiKey');
    }
  }
});

test('never takes the credential for a name, which would be stored and shown', async () => {
  const key = 'a'.repeat(40);
  const encoded = BASIC.slice('Basic '.length);
  const { check } = await ask(
    viewer({ username: key, email: encoded, id: `User:${key}`, ...teams(TEAM, key) }),
  );
  expect(check).toEqual({ ...accepted, owner: 'unnamed' });
});
