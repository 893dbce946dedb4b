import type { z } from 'zod';

/** One thing that can be asked of the server's GraphQL. */
export interface WandbOperation<Data> {
  /** Decides what may be repeated: a mutation that may have happened is not. */
  kind: 'query' | 'mutation';
  /** Of a mutation: done twice is as good as done once. */
  isIdempotent?: true;
  /** As in the query text; also in the log. */
  name: string;
  query: string;
  /** Of the answer's `data`. */
  data: z.ZodType<Data>;
  /**
   * Fields that the server may refuse while the rest is good, such as `entity.members.*.OAuthClients`: errors there
   * don't fail the call as long as what holds the field is there.
   */
  optionalPaths?: readonly string[];
}
