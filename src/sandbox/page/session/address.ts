/** Who looks and where, as it stands in the URL: `#as=U…&in=C…`. */
export interface Address {
  as?: string;
  in?: string;
}

export function readAddress(hash: string): Address {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const person = fields.get('as');
  const conversation = fields.get('in');
  return {
    ...(person ? { as: person } : {}),
    ...(conversation ? { in: conversation } : {}),
  };
}

export function writeAddress(address: Address): string {
  return `#${new URLSearchParams({ ...address })}`;
}
