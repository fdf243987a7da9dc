/** How a bench runs a worker: as the Dockerfile sets it, with the heap (MiB) that Node takes in a container, or that a bench wants. */
export const workerSettings = (heapMiB: string) => ({
  MALLOC_ARENA_MAX: '2',
  // Without a limit V8 lets garbage lie while the machine has memory to spare.
  NODE_OPTIONS: `--max-semi-space-size=16 --max-old-space-size=${heapMiB}`,
})
