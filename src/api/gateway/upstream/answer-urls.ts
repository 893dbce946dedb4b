import { readGatewayPath } from '../gateway-paths.ts';

/** Rewrites the URLs in what the W&B server sends, so that workloads reach what they may with Keysmith's credential. */
export interface AnswerUrls {
  /**
   * Returns the URL of a file as a workload needs it. A download from the W&B server itself goes through Keysmith, as the
   * workload would send its Keysmith key there. A relative URL becomes absolute; any other stays.
   */
  rewrite(url: string): string;
  /**
   * Returns where a redirect leads, for the workload. Undefined if it leads to a path of the W&B server that Keysmith doesn't forward.
   *
   * @param path the path of the redirected request, as Keysmith received it
   */
  redirect(method: string, location: string, path: string): string | undefined;
}

export function createAnswerUrls({
  upstreamUrl,
  publicUrl,
}: {
  /** Without a trailing slash. */
  upstreamUrl: string;
  /** Without a trailing slash. */
  publicUrl: () => string;
}): AnswerUrls {
  const upstream = new URL(upstreamUrl);
  const prefix = upstream.pathname.replace(/\/$/, '');
  /** Undefined unless the URL is one of the W&B server that Keysmith forwards. */
  const forwarded = (method: string, url: URL): string | undefined => {
    if (!url.pathname.startsWith(`${prefix}/`) || url.username !== '' || url.password !== '')
      return undefined;
    const read = readGatewayPath(method, url.pathname.slice(prefix.length));
    return read && `${publicUrl()}${read.path}${url.search}`;
  };
  return {
    rewrite(text) {
      const url = URL.parse(absolute(text, { upstreamUrl, prefix }), `${upstreamUrl}/`);
      if (url === null) return text;
      if (url.origin !== upstream.origin) return isAbsolute(text) ? text : url.href;
      return forwarded('GET', url) ?? (isAbsolute(text) ? text : url.href);
    },
    redirect(method, location, path) {
      const url = URL.parse(location, `${upstreamUrl}${path}`);
      if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
      return url.origin === upstream.origin ? forwarded(method, url) : location;
    },
  };
}

/** A server under a path may or may not begin its relative URLs with that path. */
function absolute(text: string, { upstreamUrl, prefix }: { upstreamUrl: string; prefix: string }): string {
  const isPath = /^\/(?!\/)/.test(text);
  return isPath && !text.startsWith(`${prefix}/`) ? `${upstreamUrl}${text}` : text;
}

function isAbsolute(text: string): boolean {
  return /^[a-z][a-z\d+.-]*:/i.test(text);
}
