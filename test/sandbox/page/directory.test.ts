import { expect, test } from 'vitest';
import { isPresent, otherPerson, titleOf } from '../../../src/sandbox/page/session/directory.ts';
import type { Conversation, PageWorkspace } from '../../../src/sandbox/slack/protocol/page-protocol.ts';

test('A direct message keeps the full name and the picture of a person who was deactivated, without the dot', () => {
  const ben = { id: 'U0BEN00002', name: 'ben', realName: 'Ben Okafor' };
  const workspace = { people: [], former: [ben] } as unknown as PageWorkspace;
  const before = { people: [ben], former: [] } as unknown as PageWorkspace;
  const conversation = { id: 'D0ADABEN01', kind: 'person_dm', name: 'ben' } as Conversation;

  expect(otherPerson(workspace, conversation)).toBe(ben);
  expect(titleOf(workspace, conversation)).toBe('Ben Okafor');
  expect([isPresent(before, conversation), isPresent(workspace, conversation)]).toEqual([true, false]);
  const withApp = { ...conversation, kind: 'app_dm' } as Conversation;
  const withChannel = { ...conversation, kind: 'public' } as Conversation;
  expect([isPresent(before, withApp), isPresent(before, withChannel)]).toEqual([true, false]);
});
