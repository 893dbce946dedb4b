import { describe, expect, test } from 'vitest';
import { markDifference, resemblance } from '../../../src/domain/care/near-match.ts';

const MAIN = 'repo:acme/web:ref:refs/heads/main';
const IMMUTABLE = 'repo:acme@1/web@2:ref:refs/heads/main';

test.each([
  ['the same subject', MAIN, MAIN, undefined],
  ['another letter case', MAIN, 'repo:Acme/Web:ref:refs/heads/main', 'letter_case'],
  ['another letter case elsewhere', 'spiffe://acme/eval', 'spiffe://acme/Eval', 'letter_case'],
  ['another branch', MAIN, 'repo:acme/web:ref:refs/heads/release', 'branch'],
  ['an environment', MAIN, 'repo:acme/web:environment:prod', 'branch'],
  ['another branch with IDs', IMMUTABLE, 'repo:acme@1/web@2:pull_request', 'branch'],
  ['another branch in the new form', MAIN, 'repo:acme@1/web@2:pull_request', 'branch'],
  ['a renamed repository', MAIN, 'repo:acme/site:ref:refs/heads/main', 'repository'],
  ['a renamed repository with its ID', IMMUTABLE, 'repo:acme@1/site@2:ref:refs/heads/main', 'repository'],
  ['GitHub’s new form', MAIN, IMMUTABLE, 'new_form'],
  ['GitHub’s older form', IMMUTABLE, MAIN, 'new_form'],
  ['the IDs of another owner', IMMUTABLE, 'repo:acme@9/web@2:ref:refs/heads/main', undefined],
  ['the ID of another repository', IMMUTABLE, 'repo:acme@1/web@9:ref:refs/heads/main', undefined],
  ['another repository with another ID', IMMUTABLE, 'repo:acme@1/site@9:ref:refs/heads/main', undefined],
  ['another owner', MAIN, 'repo:acme-evil/web:ref:refs/heads/main', undefined],
  ['another repository and branch', MAIN, 'repo:acme/site:pull_request', undefined],
  ['another platform', MAIN, 'project_path:acme/web:ref_type:branch:ref:main', undefined],
])('the resemblance of %s', (_, registered, presented, expected) => {
  expect(resemblance(registered, presented)).toBe(expected);
});

const marked = (registered: string, presented: string) => {
  const difference = markDifference(registered, presented);
  const text = (parts: { text: string; isSame: boolean }[]) =>
    parts.map((part) => (part.isSame ? part.text : `[${part.text}]`)).join('');
  return [text(difference.registered), text(difference.presented)];
};

describe('The marked difference of two subjects', () => {
  test.each([
    [
      'a branch',
      MAIN,
      'repo:acme/web:ref:refs/heads/next',
      ['repo:acme/web:ref:refs/heads/[main]', 'repo:acme/web:ref:refs/heads/[next]'],
    ],
    ['IDs', MAIN, IMMUTABLE, [MAIN, 'repo:acme[@1]/web[@2]:ref:refs/heads/main']],
    [
      'names',
      MAIN,
      'repo:Acme/site:ref:refs/heads/main',
      ['repo:[acme]/[web]:ref:refs/heads/main', 'repo:[Acme]/[site]:ref:refs/heads/main'],
    ],
    ['nothing', MAIN, MAIN, [MAIN, MAIN]],
    ['an empty subject', '', 'a', ['', '[a]']],
  ])('marks %s', (_, registered, presented, expected) => {
    expect(marked(registered, presented)).toEqual(expected);
  });

  test('takes linear time for the longest subjects', () => {
    const [one, other] = ['a:'.repeat(20_000), 'b:'.repeat(20_000)];
    const startMs = performance.now();
    expect(
      markDifference(one, other)
        .registered.map(({ text }) => text)
        .join(''),
    ).toBe(one);
    expect(performance.now() - startMs).toBeLessThan(500);
  });
});
