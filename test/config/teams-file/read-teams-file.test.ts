import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readTeamsFile, TEAMS_FILE_MAX_BYTES } from '../../../src/config/teams-file/read-teams-file.ts';
import { startCpuTime } from '../../cpu-time.ts';
import { isLongForm } from '../../long-form.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'keysmith-teams-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function messageFor(path: string): string {
  const result = readTeamsFile(path, 'teams.yml');
  if (result.ok || result.problems.length !== 1) throw new Error(JSON.stringify(result));
  return result.problems[0]?.message ?? '';
}

describe('Reading a teams file', () => {
  it.runIf(isLongForm)('takes linear time, and finds the one mistake among 10,000 teams', () => {
    const path = join(folder(), 'teams.yml');
    const team = (index: number) => `  - name: team-${index}
    subjects: ["repo:acme/${index}-*"]
    members:
      - { email: ada${index}@acme.test, role: ${index === 9_999 ? 'owner' : 'admin'} }
      - { email: cy@acme.test, role: member }
    projects:
      - { name: benchmarks, visibility: open }
`;
    writeFileSync(path, `teams:\n${Array.from({ length: 10_000 }, (_, index) => team(index)).join('')}`);
    const cpuTimeMs = startCpuTime();
    const result = readTeamsFile(path, 'teams.yml');
    // Takes about two seconds. The bound catches quadratic time.
    expect(cpuTimeMs()).toBeLessThan(15_000);
    expect(result.ok ? [] : result.problems.map(({ line, path: where }) => [line, where])).toEqual([
      [2 + 9_999 * 7 + 3, 'teams[9999].members[0].role'],
    ]);
  });

  it('accepts a byte order mark, Windows line ends, and non-ASCII letters where they are allowed', () => {
    const path = join(folder(), 'teams.yml');
    writeFileSync(path, '\ufefforganization: { name: "Größe & Söhne" }\r\nteams: []\r\n');
    const result = readTeamsFile(path);
    expect(result.ok && result.teamsFile.organization.name).toBe('Größe & Söhne');
  });

  it('reports a missing file, a folder, a pipe, a file that is too large, and text that isn’t UTF-8', () => {
    const base = folder();
    expect(messageFor(join(base, 'none.yml'))).toContain('File not found');
    expect(messageFor(base)).toContain('isn’t a regular file');

    const pipe = join(base, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(messageFor(pipe)).toContain('isn’t a regular file');

    const large = join(base, 'large.yml');
    const descriptor = openSync(large, 'w');
    ftruncateSync(descriptor, TEAMS_FILE_MAX_BYTES + 1);
    closeSync(descriptor);
    expect(messageFor(large)).toContain('16 MiB');

    const latin1 = join(base, 'latin1.yml');
    writeFileSync(latin1, Buffer.from('teams: [] # caf\xe9', 'latin1'));
    expect(messageFor(latin1)).toContain('UTF-8');
  });
});
