import { describe, expect, it } from 'vitest';
import { allowedMutations, isRefusedMutation } from '../../../src/domain/gateway/mutations.ts';

describe('Mutations that no setting may allow', () => {
  it.each([
    'generateApiKey',
    'updateUserEmail',
    'createProjectMembers',
    'pushToRunQueueByName',
    'upsertSharedView',
    'createClient',
  ])('include %s, in any letter case', (name) => {
    expect([name, name.toLowerCase(), name.toUpperCase()].filter(isRefusedMutation)).toHaveLength(3);
  });

  it.each(['rotateUserAPIKey', 'createTeamSecret', 'renewLicenseOfServer'])(
    'include %s, which a newer server might have',
    (name) => {
      expect(isRefusedMutation(name)).toBe(true);
    },
  );

  it('include none of the mutations of a run', () => {
    expect([...allowedMutations].filter(isRefusedMutation)).toEqual([]);
    expect(['deleteRun', 'updateRun', 'deleteModel', 'createReport'].filter(isRefusedMutation)).toEqual([]);
  });
});
