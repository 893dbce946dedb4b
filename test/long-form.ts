/** Whether `npm run test:long` runs, which adds slow cases that differ little from the default ones. */
export const isLongForm = process.env.LONG_TESTS === '1';
