import { plotOf } from '../../bench/memory-plot'
import { type Sample, slopeOf } from '../../bench/memory-slope'

/** 400 samples over 10,000 upgrades, with noise that the same position always has. */
const series = (memory: (upgrades: number) => number): Sample[] =>
  Array.from({ length: 400 }, (_, index) => {
    const upgrades = index * 25
    const noise = ((index * 7919) % 13) - 6
    return { upgrades, worker: memory(upgrades) + noise, server: 190, workerHeap: 100, serverHeap: 90 }
  })

test.each<[string, (upgrades: number) => number, boolean]>([
  ['stays where it is', () => 300, true],
  ['grows while its caches fill, and then stays', (upgrades) => 200 + Math.min(100, upgrades / 20), true],
  ['falls', (upgrades) => 400 - upgrades / 100, true],
  ['grows by 2 MiB with each thousand', (upgrades) => 300 + upgrades / 500, false],
  ['grows ever more slowly, and never stops', (upgrades) => 300 + Math.sqrt(upgrades), false],
])('memory that %s', (_, memory, isFlat) => {
  expect(slopeOf(series(memory), 'worker').isFlat).toBe(isFlat)
})

test('the slope is in MiB for a thousand upgrades', () => {
  const { perThousand, plusMinus } = slopeOf(
    series((upgrades) => 300 + upgrades / 500),
    'worker',
  )
  expect(Math.abs(perThousand - 2)).toBeLessThanOrEqual(plusMinus + 0.1)
})

test('the plot has a line for each of the four, and names them', () => {
  const svg = plotOf(series(() => 300))
  expect(svg.match(/<polyline /g)).toHaveLength(4)
  for (const name of ['worker, RSS', 'worker, heap', 'server, RSS', 'server, heap']) expect(svg).toContain(name)
  expect(svg).not.toContain('NaN')
})
