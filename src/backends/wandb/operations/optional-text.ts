import { z } from 'zod';

/** Text that a server may leave out or answer as null. */
export const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined);
