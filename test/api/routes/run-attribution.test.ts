import { beforeEach, describe, expect, test } from 'vitest';
import { openRunWorld, type RunWorld } from './run-world.ts';

let authorize: RunWorld['authorize'];
beforeEach(async () => {
  ({ authorize } = await openRunWorld());
});

describe('The user that a run names', () => {
  const attribution = async (run: object, headers: Record<string, string> = {}) => {
    const { status, body } = await authorize({ project: 'papers', ...run }, { headers });
    expect(status).toBe(200);
    return [body.reason, body.attributed_to?.username];
  };
  const USERNAME = 'x-wandb-username';
  const EMAIL = 'X-WANDB-USER-EMAIL';

  test('comes from the body or the headers of the SDK, and the body takes precedence', async () => {
    expect(await attribution({ username: 'benj' })).toEqual(['attributed', 'benj']);
    expect(await attribution({}, { [USERNAME]: 'benj' })).toEqual(['attributed', 'benj']);
    expect(await attribution({}, { [EMAIL]: 'ben@acme.test' })).toEqual(['attributed', 'benj']);
    expect(await attribution({}, { [USERNAME]: 'benj', [EMAIL]: 'ben@acme.test' })).toEqual([
      'attributed',
      'benj',
    ]);
    expect(await attribution({ username: 'ada' }, { [USERNAME]: 'benj' })).toEqual(['attributed', 'ada']);
    expect(await attribution({ email: 'ada@acme.test' }, { [EMAIL]: 'eve@acme.test' })).toEqual([
      'attributed',
      'ada',
    ]);
    expect(await attribution({ username: 'benj' }, { [EMAIL]: 'ada@acme.test' })).toEqual([
      'user_names_disagree',
      undefined,
    ]);
  });

  test('may be any member of the team, also with the role view-only', async () => {
    expect(await attribution({ username: 'vera' })).toEqual(['attributed', 'vera']);
    expect(await attribution({}, { [EMAIL]: 'vera@acme.test' })).toEqual(['attributed', 'vera']);
  });

  test('counts as absent if the field or the header is empty', async () => {
    for (const empty of ['', ' ', null, undefined]) {
      expect(await attribution({ username: empty, email: empty })).toEqual(['no_user_named', undefined]);
      expect(await attribution({ username: empty, email: 'ben@acme.test' })).toEqual(['attributed', 'benj']);
      expect(await attribution({ username: empty }, { [USERNAME]: 'benj' })).toEqual(['attributed', 'benj']);
    }
    expect(await attribution({}, { [USERNAME]: '', [EMAIL]: ' ' })).toEqual(['no_user_named', undefined]);
    expect(await attribution({ username: 'benj' }, { [EMAIL]: '' })).toEqual(['attributed', 'benj']);
  });

  test('is matched by email address in any case, and by username exactly', async () => {
    expect(await attribution({ email: 'BEN@Acme.Test' })).toEqual(['attributed', 'benj']);
    expect(await attribution({}, { [EMAIL]: ' Ben@ACME.test ' })).toEqual(['attributed', 'benj']);
    expect(await attribution({ username: 'BENJ' })).toEqual(['user_not_in_team', undefined]);
    expect(await attribution({ email: 'benj' })).toEqual(['user_not_in_team', undefined]);
  });

  test('is matched by email address if the username has an @, because people set WANDB_USERNAME to their address', async () => {
    expect(await attribution({ username: 'ben@acme.test' })).toEqual(['attributed', 'benj']);
    expect(await attribution({}, { [USERNAME]: 'Ben@ACME.test' })).toEqual(['attributed', 'benj']);
    expect(await attribution({ username: 'ben@acme.test', email: 'ben@acme.test' })).toEqual([
      'attributed',
      'benj',
    ]);
    expect(await attribution({ username: 'ben@acme.test', email: 'ada@acme.test' })).toEqual([
      'user_names_disagree',
      undefined,
    ]);
    for (const username of [
      'nobody@acme.test',
      'benj@acme.test',
      'benj@',
      '@acme.test',
      'ben@acme@acme.test',
    ]) {
      expect(await attribution({ username })).toEqual(['user_not_in_team', undefined]);
    }
  });

  test('matches no member if it is too long or malformed, and the run is still allowed', async () => {
    const long = 'a'.repeat(5_000);
    expect(await attribution({}, { [USERNAME]: long })).toEqual(['user_not_in_team', undefined]);
    // A valid address in the body doesn't make up for the header.
    expect(await attribution({ email: 'ben@acme.test' }, { [USERNAME]: long })).toEqual([
      'user_names_disagree',
      undefined,
    ]);
    expect(await attribution({}, { [USERNAME]: 'benj, benj' })).toEqual(['user_not_in_team', undefined]);
    expect(await attribution({}, { [USERNAME]: '\u00ff\u00e9' })).toEqual(['user_not_in_team', undefined]);
    expect(await attribution({ username: "benj' OR '1'='1" })).toEqual(['user_not_in_team', undefined]);
    expect(await attribution({ username: '%', email: '%@acme.test' })).toEqual([
      'user_not_in_team',
      undefined,
    ]);
  });
});
