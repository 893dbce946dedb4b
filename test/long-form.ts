/** Whether `npm run test:long` runs, which adds slow cases that differ little from those of every run. */
export const isLongForm = process.env.LONG_TESTS === '1';
