import { describe, expect, test } from 'vitest';
import {
  immutableOwnerPattern,
  subjectDifference,
  subjectDoubt,
  subjectProblem,
  subjectWithoutIds,
} from '../../../src/domain/federation/subject.ts';

const GOOD = [
  'repo:acme/train:ref:refs/heads/main',
  'repo:acme/train:environment:Production West',
  'repo:acme@1234567/train@7654321:ref:refs/heads/main',
  'project_path:acme/train:ref_type:branch:ref:main',
  'system:serviceaccount:ml:trainer',
  'spiffe://acme.test/ns/ml/sa/trainer',
  'arn:aws:iam::123456789012:role/trainer',
  'organization:acme:pipeline:train:ref:refs/heads/main:commit:abc:step:build',
  '{0a1b2c3d-0000-4000-8000-000000000000}:{0a1b2c3d-0000-4000-8000-000000000001}',
  'auth0|64f1',
  'équipe/ml 👩🏽‍🚀',
];

describe('A typed subject', () => {
  test.each(GOOD)('is accepted without a doubt: %s', (subject) => {
    expect([subjectProblem(subject), subjectDoubt(subject)]).toEqual([undefined, undefined]);
  });

  test.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['*', 'wildcard'],
    ['repo:acme/*', 'wildcard'],
    ['^repo:acme/.*$', 'wildcard'],
    ['x'.repeat(1_025), 'too_long'],
    ['repo:acme/tr\u200bain', 'invisible_characters'],
    ['repo:acme/tr\u200dain', 'invisible_characters'],
    ['repo:acme/tr\u2060ain', 'invisible_characters'],
    ['\ufeffrepo:acme/train', 'invisible_characters'],
    ['repo:acme/train\u00ad', 'invisible_characters'],
    ['repo:acme/train\ufe0f', 'invisible_characters'],
    ['repo:acme/train\n', 'invisible_characters'],
  ])('is refused: %j', (subject, problem) => {
    expect(subjectProblem(subject)).toBe(problem);
  });

  test.each([
    ['"repo:acme/train"', 'quotes'],
    ["'repo:acme/train'", 'quotes'],
    ['`repo:acme/train`', 'quotes'],
    ['“repo:acme/train”', 'quotes'],
    ['sub: repo:acme/train', 'quotes'],
    ['"sub": "repo:acme/train"', 'quotes'],
    ['repo:acme/train?', 'pattern_characters'],
    ['repo:acme/.+', 'pattern_characters'],
    ['^repo:acme/train', 'pattern_characters'],
    ['repo:acme/train$', 'pattern_characters'],
    ['repo:(acme|globex)/train', 'pattern_characters'],
    ['repo:acme/[a-z]', 'pattern_characters'],
    ['repo:acme/\\d', 'pattern_characters'],
    ['repo:$GITHUB_REPOSITORY', 'pattern_characters'],
    ['repo:acme/<repository>:ref:refs/heads/main', 'pattern_characters'],
    ['repo:acme/train:＊', 'pattern_characters'],
    ['repo:acme/train:∗', 'pattern_characters'],
    ['e\u0301quipe/ml', 'unusual_characters'],
    ['repo:acme/train\u00a0main', 'unusual_characters'],
    ['repo:acme/train\u3000main', 'unusual_characters'],
  ])('is doubted: %j', (subject, doubt) => {
    expect([subjectProblem(subject), subjectDoubt(subject)]).toEqual([undefined, doubt]);
  });
});

describe('Two subjects', () => {
  const NAMES = 'repo:acme/web:ref:refs/heads/main';
  const IDS = 'repo:acme@1/web@2:ref:refs/heads/main';

  test.each([
    [NAMES, IDS, 'ids_added'],
    [NAMES, IDS.replace('acme', 'Acme'), 'ids_added'],
    [IDS, NAMES, 'ids_missing'],
    [IDS, IDS.replace('@2', '@3'), 'other_ids'],
    [NAMES, NAMES.replace('web', 'Web'), 'letter_case'],
    [IDS, IDS.replace('web', 'Web'), 'letter_case'],
    ['system:serviceaccount:ml:trainer', 'system:serviceaccount:ML:trainer', 'letter_case'],
    [NAMES, NAMES, undefined],
    [NAMES, NAMES.replace('main', 'next'), undefined],
    [NAMES, IDS.replace('main', 'next'), undefined],
    [NAMES, IDS.replace('acme', 'globex'), undefined],
    ['repo:acme/web', 'repo:acme@1/web@2:ref', undefined],
    ['project_path:a/b', 'project_path:a@1/b@2', undefined],
    ['é', 'É', undefined],
  ])('%s and %s differ in: %s', (registered, presented, difference) => {
    expect(subjectDifference(registered, presented)).toBe(difference);
  });
});

describe('A GitHub subject of the immutable form', () => {
  test('has an older form with the names alone, and a pattern for its owner', () => {
    const subject = 'repo:acme@1234567/train@7654321:ref:refs/heads/user@1';
    expect(subjectWithoutIds(subject)).toBe('repo:acme/train:ref:refs/heads/user@1');
    expect(subjectWithoutIds('repo:acme@1/train@2')).toBe('repo:acme/train');
    expect(immutableOwnerPattern(subject)).toBe('repo:acme@1234567/*');
  });

  test.each([
    'repo:acme/train:ref:refs/heads/main',
    'repo:acme@1234567/train:ref:refs/heads/main',
    'repo:acme/train@7654321:ref:refs/heads/main',
    'repo:acme@x/train@y:ref',
    'repo:acme@1/train@2x:ref',
    'repo:acme@1/train@2/more:ref',
    'repo:@1/@2:ref',
    'xrepo:acme@1/train@2:ref',
    'project_path:acme@1/train@2',
  ])('isn’t %s', (subject) => {
    expect([subjectWithoutIds(subject), immutableOwnerPattern(subject)]).toEqual([undefined, undefined]);
  });
});
