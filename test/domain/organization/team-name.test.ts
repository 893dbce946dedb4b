import { describe, expect, it } from 'vitest';
import { foldText, readTeamName, TEAM_NAME_MAX_LENGTH } from '../../../src/domain/organization/team-name.ts';

describe('The name of a team', () => {
  it.each([
    'ml-platform',
    'ML-Platform',
    'my team',
    'équipe',
    'チーム',
    'R&D <core> *_~`',
    "l'équipe",
    '"x"',
    '👩🏽‍🚀',
    'a.b',
  ])('is kept exactly: %s', (name) => {
    expect(readTeamName(name)).toBe(name);
  });

  it('is the same in both forms in which Unicode writes a letter', () => {
    expect(readTeamName('équipe'.normalize('NFD'))).toBe('équipe'.normalize('NFC'));
  });

  it('has a length that fits into an option of Slack', () => {
    expect(readTeamName('a'.repeat(TEAM_NAME_MAX_LENGTH))).toBeDefined();
    expect(readTeamName('a'.repeat(TEAM_NAME_MAX_LENGTH + 1))).toBeUndefined();
    expect(readTeamName('👩'.repeat(TEAM_NAME_MAX_LENGTH))).toBeUndefined();
    expect(readTeamName('a'.repeat(1_000_000))).toBeUndefined();
  });

  it.each(['', ' a', 'a ', '\u00a0a', 'a\nb', 'a\0b', 'a\u202eb', 'a\u200bb', 'a\ud800', 'a/b', '.', '..'])(
    'is never %j',
    (text) => {
      expect(readTeamName(text)).toBeUndefined();
    },
  );
});

describe('Text folded for a search', () => {
  it.each([
    ['ML-Platform', 'ml-platform'],
    ['Équipe', 'equipe'],
    ['équipe'.normalize('NFD'), 'equipe'],
    ['ＭＬ', 'ml'],
    ['チーム', 'チーム'],
  ])('ignores letter case and accents: %s', (text, folded) => {
    expect(foldText(text)).toBe(folded);
  });
});
