/** Preloaded with `--import`. Sets the process's clock ahead, so that every lease has already expired. */
const aheadMs = Number(process.env.TEST_CLOCK_AHEAD_MS);
const now = Date.now;
Date.now = () => now() + aheadMs;
