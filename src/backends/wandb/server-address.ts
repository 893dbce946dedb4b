/**
 * Where a server is, the same however it is written: its origin and path, without a slash at the end.
 *
 * @param baseUrl what comes after its path is dropped, and a user in it, which `fetch` refuses by quoting the URL
 */
export function serverAddress(baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}
