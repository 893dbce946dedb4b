import { readIssuers } from './issuers-section.ts';
import { createNodeReader, type NodeReader, type Place } from './node-reader.ts';
import { createSection, type Section } from './section.ts';
import type { TeamsFile, TeamsFileOptions, TeamsFileResult } from './teams-file.ts';
import { readTeams } from './teams-section.ts';
import { emailAddressRule, organizationNameRule } from './value-rules.ts';
import { parseYamlTree } from './yaml-tree.ts';

/**
 * Reads the text of a teams file. Strict: what is not understood is a problem, and all of them are reported at once, in
 * the order of the file. `file` only names it in the problems. Text that is no YAML is reported for that alone.
 */
export function parseTeamsFile(text: string, file: string, options: TeamsFileOptions = {}): TeamsFileResult {
  const { root, report, broken } = parseYamlTree(text, file);
  let teamsFile: TeamsFile | undefined;
  if (!broken) {
    if (root === null) report.add(0, '', 'The file is empty: it needs at least "teams".');
    else
      teamsFile = readRoot(
        createNodeReader(report),
        { node: root, offset: root.range?.[0] ?? 0, path: '' },
        options,
      );
  }
  if (teamsFile === undefined || report.problems.length > 0) {
    const problems = report.problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
    return { ok: false, problems };
  }
  return { ok: true, teamsFile };
}

function readRoot(reader: NodeReader, place: Place, options: TeamsFileOptions): TeamsFile | undefined {
  const fields = reader.map(place, ['organization', 'issuers', 'teams'], ['teams']);
  if (fields === undefined) return undefined;
  const section = createSection(reader);
  return {
    organization: readOrganization(section, fields.organization),
    issuers: readIssuers(section, fields.issuers, options),
    teams: readTeams(section, fields.teams),
  };
}

function readOrganization(section: Section, place: Place | undefined): TeamsFile['organization'] {
  const fields = place && section.reader.map(place, ['name', 'admins']);
  const name = section.value(fields?.name, organizationNameRule);
  const admins = section.values(fields?.admins, emailAddressRule, 'This organization admin');
  return name === undefined ? { admins } : { name, admins };
}
