/** A delay give or take a fifth, so that workers which failed together don't come back together. Input is milliseconds. */
export const jitter = (ms: number): number => Math.round(ms * (0.8 + 0.4 * Math.random()))
