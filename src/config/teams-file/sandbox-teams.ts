import { parseTeamsFile } from './parse-teams-file.ts';
import { type TeamsFile, teamsFileProblemText } from './teams-file.ts';

/** The organization of the sandbox, in the form in which an operator writes a real one. */
const sandboxTeamsText = `# Ada is an admin of ml-platform, Ben a member, Cy an organization admin; Dee is in no team.
organization: { name: acme, admins: [cy@acme.test] }
issuers:
  - url: https://token.actions.githubusercontent.com
  - url: https://gitlab.acme.test
teams:
  - name: ml-platform
    subjects: ["repo:acme/*"]
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

export function sandboxTeams(): TeamsFile {
  const result = parseTeamsFile(sandboxTeamsText, 'sandbox-teams.yml');
  if (!result.ok) throw new Error(result.problems.map(teamsFileProblemText).join('\n'));
  return result.teamsFile;
}
