import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { acmeWith } from '../../slack/acme-people.ts';
import { ask } from '../../slack/ask.ts';
import { type SigningPair, sharedSigningPair, signJwt } from '../../world/issuer-server.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { chooseMethod } from '../steps.ts';

const ISSUER = 'https://ci.acme.test';
const SUBJECT = 'repo:acme/eval:ref:refs/heads/main';
const seed = acmeWith([
  { id: 'U0EVE00005', name: 'eve', email: 'eve@acme.test' },
  { id: 'U0GUE00006', name: 'gus', email: 'gus@acme.test', guest: 'multi_channel' },
]);

const team = (name: string, members: Record<string, 'admin' | 'member'>) => ({
  name,
  members: Object.entries(members).map(([username, role]) => ({
    email: `${username}@acme.test`,
    username,
    role,
  })),
  subjects: ['*'],
  projects: [],
});

let workspace: RunningWorkspace;
let pair: SigningPair;

const claims = (more: Record<string, unknown> = {}) => {
  const now = Math.floor(workspace.clock.nowMs / 1000);
  return { iss: ISSUER, sub: SUBJECT, aud: 'acme', iat: now - 7200, exp: now - 3600, ...more };
};

async function openCheck(person: SlackPerson): Promise<void> {
  expect(await person.command('random', '/wandb sa check')).toMatchObject({ ok: true });
  await person.waitForView('Paste an *expired* JWT');
}

async function check(person: SlackPerson, jwt: string): Promise<string> {
  await openCheck(person);
  await person.fill('jwt', jwt);
  await person.submit();
  const view = await person.waitForView(/Keysmith would|This JWT has expired|wasn’t checked/);
  await person.close();
  return visibleText(view);
}

describe('sa check with the builtin backend', () => {
  beforeAll(async () => {
    pair = await sharedSigningPair('ES256');
    workspace = await startWorkspace({
      seed,
      organization: {
        issuers: [{ url: ISSUER, jwks: { keys: [pair.publicJwk] }, isSingleUse: true }],
        admins: ['cy@acme.test'],
        teams: [team('ml-platform', { ada: 'admin', ben: 'member' }), team('research', { eve: 'admin' })],
      },
    });
    const ada = workspace.slack.as('Ada');
    await ada.command('random', '/wandb sa new nightly-eval --team ml-platform');
    await ada.waitForView('New service account');
    await chooseMethod(ada, 'federated');
    await ada.fill('subject', SUBJECT);
    await ada.fill('purpose', 'Evaluates every night');
    await ada.fill('used_by', 'CI');
    expect(await ada.submit()).toEqual({ ok: true });
    await ada.waitForMessage('random', 'nightly-eval');
  });
  afterAll(() => workspace.stop());

  test('shows a member of the team that an expired JWT is otherwise right, and records nothing', async () => {
    const before = (await workspace.audit()).length;
    const jwt = await signJwt(pair, claims({ jti: 'one' }));

    const shown = await check(workspace.slack.as('Ben'), jwt);

    expect(shown).toContain('This JWT has expired. Keysmith would accept a new one like it.');
    expect(shown).toContain(`sub: “${SUBJECT}”, registered for “nightly-eval” in “ml-platform”`);
    expect(shown).toContain('Each JWT of this issuer works once; this check didn’t use it');
    expect(await workspace.audit()).toHaveLength(before);
    expect(workspace.rows('select * from used_assertions')).toEqual([]);
  });

  test('says claim by claim what was expected, what came and what to change, problems first', async () => {
    const jwt = await signJwt(
      pair,
      claims({ aud: 'https://api.wandb.ai', sub: SUBJECT.toUpperCase(), jti: 'x' }),
    );

    const shown = await check(workspace.slack.as('Ada'), jwt);

    expect(shown).toContain('Keysmith would refuse this JWT.');
    expect(shown).toContain(
      '❌ aud: “https://api.wandb.ai”\nExpected: “acme”\nHave the workload request its JWT for the audience “acme”.',
    );
    expect(shown).toContain(
      `Expected: “${SUBJECT}”, registered for “nightly-eval” in “ml-platform”\nThey differ in letter case.`,
    );
    expect(shown.lastIndexOf('❌')).toBeLessThan(shown.indexOf('✅'));
  });

  test('never shows an account of another team', async () => {
    const eve = workspace.slack.as('eve');
    const known = await check(eve, await signJwt(pair, claims({ jti: 'x' })));
    expect(known).toContain('Expected: the subject of an active account of your teams, exactly');
    expect(known).not.toContain('nightly-eval');
    expect(known).not.toContain('ml-platform');
    expect(
      await check(eve, await signJwt(pair, claims({ sub: SUBJECT.toUpperCase(), jti: 'x' }))),
    ).not.toContain('nightly-eval');
    expect(await check(workspace.slack.as('Cy'), await signJwt(pair, claims({ jti: 'x' })))).toContain(
      'nightly-eval',
    );
  });

  test('keeps Slack’s limits for long values and markup in a JWT', async () => {
    const long = `<!channel> *b* ${'x'.repeat(1_500)}`;
    const shown = await check(
      workspace.slack.as('Ada'),
      await signJwt(pair, claims({ sub: long, jti: 'x' })),
    );
    expect(shown).toContain('sub: “<!channel> *b* xxx');
  });

  test('refuses people without a team, and guests, before and after the form opened', async () => {
    const dee = workspace.slack.as('Dee');
    const refused = visibleText(await ask(dee, 'random', '/wandb sa check'));
    expect(refused).toContain('You’re not in any W&B team');
    expect(dee.view()).toBeUndefined();
    expect(visibleText(await ask(workspace.slack.as('gus'), 'random', '/wandb sa check'))).toContain(
      'Guests',
    );
    const [refusal] = (await workspace.audit()).filter(({ action }) => action === 'jwt.check_refused');
    expect(refusal).toMatchObject({ details: { reason: 'no_team' } });
  });

  test('refuses a submission with other fields', async () => {
    const ada = workspace.slack.as('Ada');
    await openCheck(ada);
    await ada.submit({
      unchecked: true,
      state: { other: { other: { type: 'plain_text_input', value: 'x' } } },
    });
    await ada.waitForView('Keysmith didn’t open this form for you');
    expect(ada.view()?.title).toBe('Check JWT');
    await ada.close();
  });

  test('leaves no part of a JWT’s signature in the log, the database or the audit record', async () => {
    const jwt = await signJwt(pair, claims({ jti: 'y' }));
    const [, body = '', signature = ''] = jwt.split('.');
    await check(workspace.slack.as('Ada'), jwt);
    await check(workspace.slack.as('Ada'), `${jwt.slice(0, -4)}!!!!`);
    const kept = [workspace.logs(), JSON.stringify(await workspace.audit())];
    for (const { name } of workspace.rows<{ name: string }>(
      "select name from sqlite_master where type = 'table'",
    )) {
      kept.push(JSON.stringify(workspace.rows(`select * from "${name}"`)));
    }
    for (const text of kept) {
      expect(text).not.toContain(signature.slice(0, 30));
      expect(text).not.toContain(body.slice(0, 60));
    }
  });
});

test('says in a sentence why JWTs aren’t checked with a W&B server, whose own rules decide', async () => {
  const onServer = await startWorkspace({ backend: 'wandb' });
  try {
    const ada = onServer.slack.as('Ada');
    const shown = visibleText(await ask(ada, 'random', '/wandb sa check'));
    expect(shown).toContain('The JWT wasn’t checked: the W&B server verifies JWTs itself');
    expect(ada.view()).toBeUndefined();
  } finally {
    await onServer.stop();
  }
});
