/** Preloaded with `--import`: the program's clock is ahead of everybody else's, so that leases are over at once. */
const aheadMs = Number(process.env.TEST_CLOCK_AHEAD_MS);
const now = Date.now;
Date.now = () => now() + aheadMs;
