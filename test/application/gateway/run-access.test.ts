import { expect, test } from 'vitest';
import { createRunAccess, type RunAccessDependencies } from '../../../src/application/gateway/run-access.ts';
import { StoreUnavailableError } from '../../../src/application/ports/store.ts';
import { collectLog } from '../../api/test-server.ts';

type State = Awaited<ReturnType<RunAccessDependencies['store']['upstreamState']>>;

const teamKey = (teamName: string, isTeamArchived = false) => ({
  id: `upc_${teamName}`,
  teamName,
  isTeamArchived,
  owner: 'svc',
  isWider: false,
  storedAtMs: 0,
});

function access(
  upstreamAuth: RunAccessDependencies['upstreamAuth'],
  state: Partial<State> = {},
  hasAuthority = true,
) {
  const { logger } = collectLog();
  const upstreamState = async () => ({ teamKeys: [], rejections: [], ...state });
  return createRunAccess({ store: { upstreamState }, hasAuthority, upstreamAuth, logger })('vision');
}

const rejected = (kind: 'team_key' | 'access_token', teamName = 'vision') => ({ teamName, kind, sinceMs: 0 });

test('A team can log runs with a stored key or federation, unless W&B rejects what it uses', async () => {
  expect(await access('key', { teamKeys: [teamKey('vision')] })).toBe('available');
  expect(await access('federation')).toBe('available');
  expect(await access('federation', { rejections: [rejected('access_token')] })).toBe('credential_rejected');
  const teamKeys = [teamKey('vision')];
  expect(await access('key', { teamKeys, rejections: [rejected('team_key')] })).toBe('credential_rejected');
  expect(await access('federation', { teamKeys, rejections: [rejected('access_token')] })).toBe('available');
  expect(await access('key', { teamKeys, rejections: [rejected('team_key', 'speech')] })).toBe('available');
});

test('A team can’t log runs without a key of its own, a W&B server or the authority', async () => {
  expect(await access('key')).toBe('no_credential');
  expect(await access('key', { teamKeys: [teamKey('speech'), teamKey('vision', true)] })).toBe(
    'no_credential',
  );
  expect(await access(undefined)).toBe('no_upstream');
  expect(await access(undefined, {}, false)).toBe('not_verified');
});

test('A database that can’t be read delays no key: the message only lacks the warning', async () => {
  const log = collectLog();
  const store = {
    upstreamState: () => Promise.reject(new StoreUnavailableError('locked', { cause: undefined })),
  };
  const runAccess = createRunAccess({ store, hasAuthority: true, upstreamAuth: 'key', logger: log.logger });

  expect(await runAccess('vision')).toBe('available');
  expect(log.lines).toMatchObject([{ team: 'vision', msg: 'upstream credential not looked up' }]);
});
