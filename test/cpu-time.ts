/**
 * Starts to count the processor time, in milliseconds, that this process takes: what else runs on the machine does not
 * count, so a bound on it tells work that blew up, and not a busy machine.
 */
export function startCpuTime(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}
