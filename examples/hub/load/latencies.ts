/** Latency counts in steps of 2 %, so that percentiles of any number of samples take a few kilobytes. */
const GROWTH = 1.02
const SMALLEST_MS = 0.05

export class Latencies {
  private readonly counts: number[] = []
  private total = 0
  private longest = 0

  /** One sample in milliseconds. */
  record(ms: number): void {
    const step = Math.max(0, Math.ceil(Math.log(ms / SMALLEST_MS) / Math.log(GROWTH)))
    this.counts[step] = (this.counts[step] ?? 0) + 1
    this.total++
    this.longest = Math.max(this.longest, ms)
  }

  /** Milliseconds below which this share (0…1) of the samples lies, at most 2 % too high; 0 without samples. */
  percentile(share: number): number {
    let left = Math.ceil(this.total * share)
    for (let step = 0; step < this.counts.length; step++) {
      left -= this.counts[step] ?? 0
      if (left <= 0) return Math.min(SMALLEST_MS * GROWTH ** step, this.longest)
    }
    return this.longest
  }

  get max(): number {
    return this.longest
  }
}
