import { expect, test } from 'vitest';
import { otherPerson, titleOf } from '../../../src/sandbox/page/session/directory.ts';
import type { Conversation, PageWorkspace } from '../../../src/sandbox/slack/protocol/page-protocol.ts';

test('A direct message keeps the full name and the picture of a person who was deactivated', () => {
  const ben = { id: 'U0BEN00002', name: 'ben', realName: 'Ben Okafor' };
  const workspace = { people: [], former: [ben] } as unknown as PageWorkspace;
  const conversation = { id: 'D0ADABEN01', kind: 'person_dm', name: 'ben' } as Conversation;

  expect(otherPerson(workspace, conversation)).toBe(ben);
  expect(titleOf(workspace, conversation)).toBe('Ben Okafor');
});
