import { describe, expect, test } from 'vitest';
import { parseCommand } from '../../../src/slack/listeners/commands/parse-command.ts';
import { startCpuTime } from '../../cpu-time.ts';

const opensForm = (name?: string, teamName?: string) => ({ kind: 'new', name, teamName });
const revokes = (name: string, teamName?: string) => ({ kind: 'revoke', name, teamName });
const lists = (teamName?: string) => ({ kind: 'list', teamName });
const unknown = (word: string, didYouMean?: string) => ({ kind: 'not_understood', word, didYouMean });

describe('What was typed after /wandb', () => {
  test.each([
    '',
    '   ',
    'help',
    'HELP',
    '--help',
    '-h',
    '?',
    'service-account',
    'sa',
    'sa help',
    'sa --help',
  ])('%j asks for help', (text) => {
    expect(parseCommand(text)).toEqual({ kind: 'help' });
  });

  test.each([
    ['service-account new', opensForm()],
    ['sa new', opensForm()],
    ['sa new nightly-eval', opensForm('nightly-eval')],
    ['sa new nightly-eval --team ml-platform', opensForm('nightly-eval', 'ml-platform')],
    ['sa new --team ml-platform nightly-eval', opensForm('nightly-eval', 'ml-platform')],
    ['sa new --team=ml-platform', opensForm(undefined, 'ml-platform')],
    ['sa new -t ml-platform', opensForm(undefined, 'ml-platform')],
    ['sa new --team a --team b', opensForm(undefined, 'b')],
    ['sa list', lists()],
    ['sa list --team research', lists('research')],
    ['sa revoke nightly-eval', revokes('nightly-eval')],
    ['sa revoke nightly-eval --team research', revokes('nightly-eval', 'research')],
  ])('%j is that command, with its name and team', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  test.each([
    ['  SA   New   Nightly-Eval  --TEAM  ML-Platform ', opensForm('nightly-eval', 'ml-platform')],
    ['“sa” ‘new’ “nightly-eval”', opensForm('nightly-eval')],
    ['sa new "nightly-eval" —team ml‑platform', opensForm('nightly-eval', 'ml-platform')],
    ['sa new nightly–eval –team=ml-platform', opensForm('nightly-eval', 'ml-platform')],
    ['sa\u00a0list\u3000--team\u2003research', lists('research')],
    ['\u200bsa\ufeff rev\u00adoke \u202anightly-eval\u202c', revokes('nightly-eval')],
    ['sa\tlist\n--team\r\nresearch', lists('research')],
  ])(
    '%j reads as it was meant: letter case, spaces, quotes, dashes and invisible characters',
    (text, command) => {
      expect(parseCommand(text)).toEqual(command);
    },
  );

  test.each([
    ['sa neww', unknown('neww', 'service-account new')],
    ['sa lst', unknown('lst', 'service-account list')],
    ['sa revok nightly-eval', unknown('revok', 'service-account revoke')],
    ['sa create nightly-eval', unknown('create', 'service-account new')],
    ['sa delete nightly-eval', unknown('delete', 'service-account revoke')],
    ['sa ls', unknown('ls', 'service-account list')],
    ['new nightly-eval', unknown('new', 'service-account new')],
    ['revoke nightly-eval', unknown('revoke', 'service-account revoke')],
    ['service-acount new', unknown('service-acount', 'service-account new')],
    ['service-accounts', unknown('service-accounts', 'service-account')],
    ['halp', unknown('halp', 'help')],
    ['xylophone', unknown('xylophone')],
    ['sa xylophone', unknown('xylophone')],
    ['constructor', unknown('constructor')],
    ['sa __proto__', unknown('__proto__')],
  ])('%j is not understood, and the nearest command is named where there is one', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  test.each([
    ['sa new --tema research', unknown('--tema', '--team')],
    ['sa new nightly-eval --force', unknown('--force')],
    ['sa list --team research --all', unknown('--all')],
    ['sa new nightly-eval -team research', unknown('-team', '--team')],
    ['sa list -x', unknown('-x')],
  ])('%j has an option that Keysmith does not know', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  test.each([
    ['sa new nightly-eval weekly-eval', 'weekly-eval', { name: 'nightly-eval-weekly-eval' }],
    ['sa list research', 'research', { teamName: 'research' }],
    [
      'sa revoke nightly-eval weekly-eval --team research',
      'weekly-eval',
      { name: 'nightly-eval-weekly-eval' },
    ],
  ])('finds the unexpected word in %j, and what was meant', (text, word, instead) => {
    expect(parseCommand(text)).toEqual({ kind: 'too_much', word, instead });
  });

  test.each([
    ['sa revoke', 'name_to_revoke'],
    ['sa revoke ""', 'name_to_revoke'],
    ['sa revoke --team research', 'name_to_revoke'],
    ['sa new --team', 'team_after_option'],
    ['sa new --team=', 'team_after_option'],
    ['sa new --team ""', 'team_after_option'],
    ['sa list --team --team', 'team_after_option'],
  ])('%j lacks a word', (text, missing) => {
    expect(parseCommand(text)).toEqual({ kind: 'incomplete', missing });
  });

  test('a name of several words in quotes stays one name, for the form to refuse at its field', () => {
    expect(parseCommand('sa new "nightly eval"')).toEqual(opensForm('nightly eval'));
  });

  test.each([
    ['one word', `sa new ${'x'.repeat(10_000)}`, 'new'],
    ['many words', `sa new ${'x '.repeat(5_000)}`, 'too_much'],
    ['quotes only', `sa new ${'"\''.repeat(5_000)}`, 'new'],
    ['unknown word', 'ж'.repeat(10_000), 'not_understood'],
    ['dashes', `sa new ${'—'.repeat(10_000)}`, 'not_understood'],
  ])('10,000 characters as %s are read at once', (_shape, text, kind) => {
    const cpuTimeMs = startCpuTime();

    expect(parseCommand(text).kind).toBe(kind);

    expect(cpuTimeMs()).toBeLessThan(1_000);
  });
});
