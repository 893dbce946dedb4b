import { samplesOf } from './metrics-scrape.ts';

/** Units of promtool's list that aren't base units, with or without a prefix; a base unit with a prefix isn't one either. */
const OTHER_UNIT =
  /^(?:(?:pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mibi|giga|gibi|tera|tebi|peta|pebi)(?:amperes|bytes|celsius|grams|joules|kelvin|meters|metres|seconds|volts)|.*(?:minutes|hours|days|weeks|kelvins|fahrenheit|rankine|inches|yards|miles|bits|calories|pounds|ounces))$/;
const ABBREVIATIONS = ['s', 'ms', 'us', 'ns', 'sec', 'b', 'kb', 'mb', 'gb', 'tb', 'pb', 'm', 'h', 'd'];
const OF_A_FAMILY = { histogram: /_(?:bucket|sum|count)$/, summary: /_(?:sum|count)$/ };

/** Returns what `promtool check metrics` reports about a scrape (client_golang, `prometheus/testutil/promlint`). */
export function lintMetrics(text: string): string[] {
  const described = (kind: 'HELP' | 'TYPE') =>
    new Map(
      [...text.matchAll(new RegExp(`^# ${kind} (\\S+) (\\S.*)$`, 'gm'))].map(([, name = '', is = '']) => [
        name,
        is,
      ]),
    );
  const [helps, types] = [described('HELP'), described('TYPE')];
  const samples = samplesOf(text);
  const problems = samples.flatMap(({ name, labels }) => {
    const family = types.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '');
    const type = types.get(family);
    const others = Object.keys(labels).filter(
      (label) => (label === 'le' && type !== 'histogram') || (label === 'quantile' && type !== 'summary'),
    );
    return [
      ...(type === undefined ? [`${name}: no type`] : []),
      ...others.map((label) => `${name}: reserved label ${label}`),
      ...(/[a-z][A-Z]/.test(Object.keys(labels).join(' ')) ? [`${name}: camelCase label`] : []),
    ];
  });
  const series = samples.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`);
  const duplicates = series.filter((one, index) => series.indexOf(one) < index);
  const names = [...types].flatMap(([name, type]) => nameProblems(name, type));
  const silent = [...types.keys()].filter((name) => !helps.has(name)).map((name) => `${name}: no help text`);
  return [...new Set([...problems, ...duplicates.map((one) => `${one}: not unique`), ...names, ...silent])];
}

function nameProblems(name: string, type: string): string[] {
  const words = name.split('_');
  const reserved = Object.entries(OF_A_FAMILY).some(([of, suffix]) => type !== of && suffix.test(name));
  const problems: [boolean, string][] = [
    [type === 'counter' && !name.endsWith('_total'), 'a counter without _total'],
    [type !== 'counter' && name.endsWith('_total'), '_total without a counter'],
    [words.some((word) => OTHER_UNIT.test(word)), 'not a base unit'],
    [words.slice(1).some((word) => ABBREVIATIONS.includes(word.toLowerCase())), 'an abbreviated unit'],
    [words.slice(1).includes(type), 'the type in the name'],
    [reserved, 'a reserved suffix'],
    [/:|[a-z][A-Z]/.test(name), 'a colon or camelCase'],
  ];
  return problems.flatMap(([applies, problem]) => (applies ? [`${name}: ${problem}`] : []));
}
