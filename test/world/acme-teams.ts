import { parseTeamsFile } from '../../src/config/teams-file/read-teams-file.ts';
import { type TeamsFile, teamsFileProblemText } from '../../src/config/teams-file/teams-file.ts';

const acmeTeamsText = `# Ada is an admin of ml-platform, Ben a member, Cy an organization admin; Dee is in no team.
organization: { name: acme, admins: [cy@acme.test] }
issuers:
  - url: https://token.actions.githubusercontent.com
  - url: https://gitlab.acme.test
teams:
  - name: ml-platform
    # GitHub's subjects, and its immutable subjects, which have the owner's ID.
    subjects: ["repo:acme/*", "repo:acme@1234567/*"]
    members:
      - { email: ada@acme.test, role: admin }
      - { email: ben@acme.test, role: member, username: benj }
    projects:
      - { name: benchmarks, visibility: open }
      - { name: secret-sauce, visibility: restricted, service_accounts: [nightly-eval] }
  - name: research
    members:
      - { email: eve@acme.test, role: admin }
    projects:
      - { name: papers }
`;

/** Returns the organization of most tests: Acme, with fewer people than the sandbox. */
export function acmeTeams(): TeamsFile {
  const result = parseTeamsFile(acmeTeamsText, 'acme-teams.yml');
  if (!result.ok) throw new Error(result.problems.map(teamsFileProblemText).join('\n'));
  return result.teamsFile;
}
