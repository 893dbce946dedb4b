/** `npm run test:long`: also the cases that cost much time and differ little from those of every run. */
export const isLongForm = process.env.LONG_TESTS === '1';
