/**
 * Starts to count the processor time of this process, and returns a function that gives it in milliseconds. Unlike elapsed
 * time, it grows with superlinear work but not with what else runs on the machine.
 */
export function startCpuTime(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}
