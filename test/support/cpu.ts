/** Milliseconds of this process's own CPU time that `work` took: unlike the clock, they don't grow on a busy machine. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  return process.cpuUsage(before).user / 1_000
}
