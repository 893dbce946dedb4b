import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCommand, splitWords } from '../../../src/slack/listeners/commands/parse-command.ts';
import { teamOption } from '../../../src/slack/messages/blocks.ts';
import { anyText } from '../../any-text.ts';
import { startCpuTime } from '../../cpu-time.ts';

const opensForm = (name?: string, teamName?: string) => ({ kind: 'new', name, teamName });
const revokes = (name: string, teamName?: string) => ({ kind: 'revoke', name, teamName });
const lists = (teamName?: string) => ({ kind: 'list', teamName });
const about = (kind: string, name: string, teamName?: string) => ({ kind, name, teamName });
const audits = (more = {}) => ({ kind: 'audit', ...more });
const unknown = (word: string, didYouMean?: string) => ({ kind: 'not_understood', word, didYouMean });

describe('Parsing a command', () => {
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
    'sa new --help',
    'sa list -h',
    'service-accounts',
    'service account',
    'service_account',
  ])('reads %j as a request for help', (text) => {
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
    ['list', lists()],
    ['new nightly-eval --team research', opensForm('nightly-eval', 'research')],
    ['revoke nightly-eval', revokes('nightly-eval')],
    ['service-accounts list', lists()],
    ['service account list', lists()],
    ['ServiceAccount new', opensForm()],
    ['list service accounts', lists()],
    ['list sa --team research', lists('research')],
    ['new service-account nightly-eval', opensForm('nightly-eval')],
    ['revoke sas', revokes('sas')],
    ['revoke sas --team research', revokes('sas', 'research')],
  ])('reads the verb, name and team of %j', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  test.each([
    ['  SA   New   nightly-eval  --TEAM  ml-platform ', opensForm('nightly-eval', 'ml-platform')],
    ['sa list –t research', lists('research')],
    ['“sa” ‘new’ “nightly-eval”', opensForm('nightly-eval')],
    ['sa new "nightly-eval" —team ml‑platform', opensForm('nightly-eval', 'ml-platform')],
    ['sa new nightly–eval –team=ml-platform', opensForm('nightly-eval', 'ml-platform')],
    ['sa\u00a0list\u3000--team\u2003research', lists('research')],
    ['\u200bsa\ufeff rev\u00adoke \u202anightly-eval\u202c', revokes('nightly-eval')],
    ['sa\tlist\n--team\r\nresearch', lists('research')],
  ])(
    'ignores the letter case of commands, spaces, typographic marks and invisible characters in %j',
    (text, command) => {
      expect(parseCommand(text)).toEqual(command);
    },
  );

  test.each([
    ['sa new ENV-Key --team ML-Platform', opensForm('ENV-Key', 'ML-Platform')],
    ['sa list --team "my team"', lists('my team')],
    ['sa list --team="My Team"', lists('My Team')],
    ['sa list —team=“My Team”', lists('My Team')],
    ['sa list --team “my team”', lists('my team')],
    ['sa list --team \'my "best" team\'', lists('my "best" team')],
    ['sa list --team "Ada’s team"', lists('Ada’s team')],
    ["sa list --team 'Ada's team'", lists("Ada's team")],
    ["sa list --team l'équipe", lists("l'équipe")],
    ['sa list --team équipe', lists('équipe')],
    ['sa list --team e\u0301quipe', lists('équipe')],
    ['sa list --team "R&D – <core> *_~`"', lists('R&D – <core> *_~`')],
    ['sa list --team " my team "', lists('my team')],
    ['sa list -t=チーム', lists('チーム')],
    ['sa list --team "a=b"', lists('a=b')],
    ['sa list --team=a=b', lists('a=b')],
  ])('keeps names exactly as typed in %j', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  test.each([
    ['sa nwe', unknown('nwe', 'service-account new')],
    ['nwe', unknown('nwe', 'service-account new')],
    ['sa lsit', unknown('lsit', 'service-account list')],
    ['sa rveoke nightly-eval', unknown('rveoke', 'service-account revoke')],
    ['sevrice-account lsit', unknown('sevrice-account', 'service-account list')],
    ['ls', unknown('ls', 'service-account list')],
    ['rm nightly-eval', unknown('rm', 'service-account revoke')],
    ['sa rev nightly-eval', unknown('rev', 'service-account revoke')],
    ['hlep', unknown('hlep', 'help')],
    ['sa neww', unknown('neww', 'service-account new')],
    ['sa lst', unknown('lst', 'service-account list')],
    ['sa revok nightly-eval', unknown('revok', 'service-account revoke')],
    ['sa create nightly-eval', unknown('create', 'service-account new')],
    ['sa delete nightly-eval', unknown('delete', 'service-account revoke')],
    ['sa ls', unknown('ls', 'service-account list')],
    ['service-acount new', unknown('service-acount', 'service-account new')],
    ['halp', unknown('halp', 'help')],
    ['as list', unknown('as', 'service-account list')],
    ['serivce account lsit', unknown('serivce', 'service-account list')],
    ['/wandb sa list', unknown('/wandb', 'service-account list')],
    ['xylophone', unknown('xylophone')],
    ['sa xylophone', unknown('xylophone')],
    ['constructor', unknown('constructor')],
    ['sa __proto__', unknown('__proto__')],
  ])('suggests the nearest command for %j, if there is one', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  test.each([
    ['sa new --tema research', unknown('--tema', '--team')],
    ['sa new --tema=research', unknown('--tema=research', '--team')],
    ['sa new --taem research', unknown('--taem', '--team')],
    ['sa list --team:research', unknown('--team:research', '--team')],
    ['sa new nightly-eval --force', unknown('--force')],
    ['sa list --team research --all', unknown('--all')],
    ['sa new nightly-eval -team research', unknown('-team', '--team')],
    ['sa list -x', unknown('-x')],
  ])('reports the unknown option in %j', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  test.each([
    ['sa new nightly-eval weekly-eval', 'weekly-eval', { name: 'nightly-eval-weekly-eval' }],
    ['sa list research', 'research', { teamName: 'research' }],
    ['sa list my team', 'my', { teamName: 'my team' }],
    ['sa list team research', 'team', { teamName: 'research' }],
    ['sa list Team my team', 'Team', { teamName: 'my team' }],
    ['sa list team', 'team', { teamName: 'team' }],
    ['sa list team=research', 'team=research', { teamName: 'research' }],
    ['sa list --team team blue', 'blue', { teamName: 'team blue' }],
    ['sa list --team my team', 'team', { teamName: 'my team' }],
    ['sa new nightly-eval --team my team', 'team', { teamName: 'my team' }],
    ['sa new --team my team nightly-eval', 'team', { teamName: 'my team' }],
    [
      'sa revoke nightly-eval weekly-eval --team research',
      'weekly-eval',
      { name: 'nightly-eval-weekly-eval' },
    ],
  ])('reports the unexpected word in %j, and what was probably meant', (text, word, instead) => {
    expect(parseCommand(text)).toEqual({ kind: 'too_much', word, instead });
  });

  test.each([
    ['sa revoke', { kind: 'name_missing', usage: 'service-account revoke NAME' }],
    ['revoke service-account', { kind: 'name_missing', usage: 'service-account revoke NAME' }],
    ['sa revoke ""', { kind: 'name_missing', usage: 'service-account revoke NAME' }],
    ['sa revoke --team research', { kind: 'name_missing', usage: 'service-account revoke NAME' }],
    ['sa show', { kind: 'name_missing', usage: 'service-account show NAME' }],
    ['team show', { kind: 'name_missing', usage: 'team show NAME' }],
    ['sa new --team', { kind: 'value_missing', option: 'team' }],
    ['sa new --team=', { kind: 'value_missing', option: 'team' }],
    ['sa new --team ""', { kind: 'value_missing', option: 'team' }],
    ['sa list --team --team', { kind: 'value_missing', option: 'team' }],
    ['sa list --status', { kind: 'value_missing', option: 'status' }],
    ['audit --since', { kind: 'value_missing', option: 'since' }],
  ])('reports what is missing in %j', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  test.each([
    ['sa show nightly-eval', about('show', 'nightly-eval')],
    ['show nightly-eval --team research', about('show', 'nightly-eval', 'research')],
    ['sa rotate nightly-eval', about('rotate', 'nightly-eval')],
    ['sa edit nightly-eval -t "my team"', about('edit', 'nightly-eval', 'my team')],
    ['sa check', { kind: 'check' }],
    ['sa list --status UNUSED', { kind: 'list', status: 'unused' }],
    ['sa list --name eval -t research', { kind: 'list', teamName: 'research', query: 'eval' }],
    ['sa list --status=old', { kind: 'unknown_status', word: 'old' }],
    ['sa list --status expring', { kind: 'unknown_status', word: 'expring', didYouMean: 'expiring' }],
    ['team', { kind: 'team_list' }],
    ['teams list', { kind: 'team_list' }],
    ['team show ML-Platform', { kind: 'team_show', name: 'ML-Platform' }],
    ['team show my team', { kind: 'team_show', name: 'my team' }],
    ['team new', { kind: 'team_new' }],
    ['team new "my team"', { kind: 'team_new', name: 'my team' }],
    ['team help', { kind: 'help' }],
    ['team lst', unknown('lst', 'team list')],
    ['team create x', unknown('create', 'team new')],
    ['team edit my team', unknown('edit', 'team show my team')],
    ['team setings', unknown('setings', 'team show NAME')],
    ['team delete x', unknown('delete', 'team show x')],
    ['team xylophone x', unknown('xylophone')],
    ['audit', audits()],
    [
      'audit --team research --account nightly-eval --since 2026-11-01',
      audits({ teamName: 'research', accountName: 'nightly-eval', since: '2026-11-01' }),
    ],
    ['audit research', { kind: 'too_much', word: 'research', instead: { teamName: 'research' } }],
    ['sa audit', unknown('audit', 'audit')],
    ['sa describe nightly-eval', unknown('describe', 'service-account show')],
    ['sa rotate nightly-eval --status active', unknown('--status')],
  ])('reads %j', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  test.each(['my team', '“the” team', 'the „A“ team', '👩‍🔬 lab', 'it’s "ours"', '👩🏽‍🚀'])(
    'reads the team %j as suggestions write it',
    (teamName) => {
      expect(parseCommand(`sa list ${teamOption(teamName)}`)).toEqual(lists(teamName));
    },
  );

  test.each([
    ['sa list --team R&amp;D', 'R&D'],
    ['sa list --team R&D', 'R&D'],
    ['sa list --team "a &lt;b&gt; &amp;lt; c"', 'a <b> &lt; c'],
  ])('reads %j, whether Slack escaped it or not', (text, teamName) => {
    expect(parseCommand(text)).toEqual(lists(teamName));
  });

  test('keeps a name of several words in quotation marks, which the form then rejects at its field', () => {
    expect(parseCommand('sa new "nightly eval"')).toEqual(opensForm('nightly eval'));
  });

  test.each([
    ['one word', `sa new ${'x'.repeat(10_000)}`, 'new'],
    ['many words', `sa new ${'x '.repeat(5_000)}`, 'too_much'],
    ['quotes only', `sa new ${'"\''.repeat(5_000)}`, 'new'],
    ['unknown word', 'ж'.repeat(10_000), 'not_understood'],
    ['dashes', `sa new ${'—'.repeat(10_000)}`, 'not_understood'],
  ])('parses 10,000 characters quickly, as %s', (_shape, text, kind) => {
    const cpuTimeMs = startCpuTime();

    expect(parseCommand(text).kind).toBe(kind);

    expect(cpuTimeMs()).toBeLessThan(1_000);
  });
});

describe('Splitting a command into words', () => {
  test.each([
    ['plain words', 'sa new nightly-eval', ['sa', 'new', 'nightly-eval']],
    ['nothing', '', []],
    ['spaces alone', ' \t\u00a0 ', []],
    ['double quotes around spaces', 'new "nightly eval"', ['new', 'nightly eval']],
    ['single quotes around spaces', "new 'nightly eval'", ['new', 'nightly eval']],
    ['quotes inside a word', 'night"ly-ev"al', ['nightly-eval']],
    ['a quote that is never closed', 'new "nightly eval', ['new', 'nightly eval']],
    ['an empty pair of quotes', 'new ""', ['new', '']],
    ['quotes of many languages', '“a” „b‟ «c» ‘d’ ‚e‛ ＂f＂ ＇g＇', ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
    ['unusual spaces', 'a\u00a0b\u2003c\u3000d\u2028e\u202ff', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['a dash that a phone made of two hyphens', '—team –team ―team', ['--team', '--team', '--team']],
    ['a dash and a hyphen', '—-team', ['--team']],
    ['a dash inside a word', 'nightly—eval nightly‑eval nightly−eval', Array(3).fill('nightly-eval')],
    ['a dash alone', 'a — b', ['a', '-', 'b']],
  ])('handles %s: %j', (_what, text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  test.each([
    ['zero-width space', '\u200b'],
    ['zero-width joiner', '\u200d'],
    ['right-to-left mark', '\u200f'],
    ['right-to-left override', '\u202e'],
    ['word joiner', '\u2060'],
    ['isolate', '\u2066'],
    ['byte order mark', '\ufeff'],
    ['soft hyphen', '\u00ad'],
    ['tag letter', '\u{e0061}'],
  ])('ignores an invisible character: %s', (_name, character) => {
    expect(splitWords(`n${character}ew${character}`)).toEqual(['new']);
  });

  test('returns words without quotation marks or invisible characters, whatever is typed', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 60 }), (text) => {
        for (const word of splitWords(text)) expect(word).not.toMatch(/["'\p{Cf}]/u);
      }),
    );
  });
});
