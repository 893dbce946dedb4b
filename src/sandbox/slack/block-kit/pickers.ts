import { z } from 'zod';
import { interactive, menu } from './problems.ts';

export const datepicker = z.strictObject({
  type: z.literal('datepicker'),
  ...menu,
  initial_date: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .optional(),
});

export const timepicker = z.strictObject({
  type: z.literal('timepicker'),
  ...menu,
  initial_time: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
    .optional(),
  timezone: z.string().refine(isTimeZone, 'must be a valid IANA time zone').optional(),
});

/** Slack wants seconds of ten digits. */
export const datetimepicker = z.strictObject({
  type: z.literal('datetimepicker'),
  ...interactive,
  initial_date_time: z.number().int().min(1_000_000_000).max(9_999_999_999).optional(),
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
