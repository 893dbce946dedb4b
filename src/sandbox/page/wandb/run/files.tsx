import type { RunPath, ShownArtifact, ShownFile } from '../../../slack/protocol/runs-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { Tags } from '../lists/runs-table.tsx';
import { formatAge, formatBytes, formatTime, useNow } from '../shown-time.ts';

export function FilesTab({ path, files }: { path: RunPath; files: readonly ShownFile[] }) {
  const nowMs = useNow();
  if (files.length === 0) return <p className="wandb-quiet">This run has no files yet.</p>;
  return (
    <table className="wandb-table">
      <thead>
        <tr>
          <th scope="col">File</th>
          <th scope="col">Last modified</th>
          <th scope="col">Size</th>
        </tr>
      </thead>
      <tbody>
        {files.map(({ name, bytes, updatedAtMs }) => (
          <tr key={name}>
            <th scope="row">
              {bytes === null ? (
                name
              ) : (
                <a href={downloadUrl(path, name)} download>
                  <Icon name="download" />
                  {name}
                </a>
              )}
            </th>
            <td title={updatedAtMs === null ? undefined : formatTime(updatedAtMs)}>
              {updatedAtMs === null ? 'not uploaded yet' : formatAge(updatedAtMs, nowMs)}
            </td>
            <td>{bytes === null ? '–' : formatBytes(bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const downloadUrl = ({ entity, project, run }: RunPath, file: string) =>
  `/sandbox/wandb/file?${new URLSearchParams({ entity, project, run, file })}`;

export function ArtifactsTab({ artifacts }: { artifacts: readonly ShownArtifact[] }) {
  const nowMs = useNow();
  if (artifacts.length === 0) return <p className="wandb-quiet">This run has logged no artifacts.</p>;
  return (
    <table className="wandb-table">
      <thead>
        <tr>
          <th scope="col">Artifact</th>
          <th scope="col">Type</th>
          <th scope="col">Aliases</th>
          <th scope="col">Files</th>
          <th scope="col">Size</th>
          <th scope="col">Created</th>
        </tr>
      </thead>
      <tbody>
        {artifacts.map(({ name, type, aliases, files, bytes, createdAtMs }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{type}</td>
            <td>
              <Tags tags={aliases} />
            </td>
            <td>{files}</td>
            <td>{formatBytes(bytes)}</td>
            <td title={formatTime(createdAtMs)}>{formatAge(createdAtMs, nowMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
