/** Stands where a newer or rarer part of Block Kit does. */
export function Unknown({ type }: { type: string }) {
  return <span className="not-drawn">{`The sandbox does not draw “${type}”.`}</span>;
}
