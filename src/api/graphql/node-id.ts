type NodeType = 'Entity' | 'User' | 'ApiKey';

/** An opaque ID in W&B's manner. */
export function nodeId(type: NodeType, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64');
}
