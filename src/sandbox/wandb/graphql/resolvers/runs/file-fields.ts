import { type Run, runFileKey } from '../../../runs/run.ts';
import type { RequestContext } from '../graphql-objects.ts';
import { dateTime, pageOf } from './pages.ts';

/** Returns the fields of a `Run` about its files; a file without a content isn't listed. */
export function fileFields({ runs: { contents, urls, baseUrl } }: RequestContext, run: Run) {
  const stored = () =>
    [...run.files].flatMap((name) => {
      const content = contents.get(runFileKey(run, name));
      return content ? [{ name, content }] : [];
    });
  return {
    fileCount: () => stored().length,
    files({
      names,
      pattern,
      ...page
    }: {
      names?: string[];
      pattern?: string;
      after?: string;
      first?: number;
    }) {
      const wanted = stored().filter(
        ({ name }) => (!names?.length || names.includes(name)) && (!pattern || isLike(name, pattern)),
      );
      return pageOf(wanted, page, ({ name, content }) => ({
        id: Buffer.from(content.key).toString('base64'),
        name,
        displayName: name,
        url: ({ upload }: { upload?: boolean }) =>
          upload ? urls.sign('PUT', content.key) : fileUrl(baseUrl(), run, name),
        directUrl: () => urls.sign('GET', content.key),
        sizeBytes: content.bytes.length,
        mimetype: content.mimetype,
        updatedAt: dateTime(content.updatedAtMs),
        md5: content.md5,
        digest: content.md5,
      }));
    },
  };
}

/** Matches SQL's LIKE with `%` only. */
function isLike(name: string, pattern: string): boolean {
  const [start = '', ...parts] = pattern.split('%');
  if (!name.startsWith(start)) return false;
  const end = parts.pop();
  if (end === undefined) return name === start;
  let from = start.length;
  for (const part of parts) {
    const found = name.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return name.length - end.length >= from && name.endsWith(end);
}

function fileUrl(baseUrl: string, { project, name }: Run, file: string): string {
  const path = [project.entity, project.name, name, ...file.split('/')].map(encodeURIComponent).join('/');
  return `${baseUrl}/files/${path}`;
}
