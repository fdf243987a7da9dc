/** `npx tsx bench/memory-plot.ts RESULT.json`: draws docs/images/memory.svg of a result of bench:memory. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sample } from './memory-slope'

const [width, height] = [720, 360]
const [left, top, right, bottom] = [56, 24, 120, 40]
const lines = [
  { key: 'worker', name: 'worker, RSS', colour: '#1f6feb' },
  { key: 'workerHeap', name: 'worker, heap', colour: '#79b8ff' },
  { key: 'server', name: 'server, RSS', colour: '#b35900' },
  { key: 'serverHeap', name: 'server, heap', colour: '#f0a35e' },
] as const

/** Memory over the upgrades done, as a picture that needs no script and no font of its own. */
export function plotOf(samples: readonly Sample[]): string {
  const most = Math.max(...samples.flatMap(({ worker, server }) => [worker, server]))
  const top100 = Math.ceil(most / 50) * 50
  const last = samples.at(-1)?.upgrades ?? 1
  const x = (upgrades: number): string => (left + (upgrades / last) * (width - left - right)).toFixed(1)
  const y = (mib: number): string => (height - bottom - (mib / top100) * (height - top - bottom)).toFixed(1)
  const grid = Array.from({ length: top100 / 50 + 1 }, (_, i) => i * 50).map(
    (mib) =>
      `<path d="M${left} ${y(mib)}H${width - right}" stroke="#8884" /><text x="${left - 8}" y="${Number(y(mib)) + 4}" text-anchor="end">${mib}</text>`,
  )
  const ticks = [0, 0.25, 0.5, 0.75, 1]
    .map((part) => Math.round(last * part))
    .map((at) => `<text x="${x(at)}" y="${height - bottom + 18}" text-anchor="middle">${at}</text>`)
  const drawn = lines.map(({ key, name, colour }) => {
    const points = samples.map((each) => `${x(each.upgrades)},${y(each[key])}`).join(' ')
    const end = Number(y(samples.at(-1)?.[key] ?? 0)) + 4
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="1.5" /><text x="${width - right + 8}" y="${end}" fill="${colour}">${name}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#888">
<rect width="${width}" height="${height}" fill="#fff" />
<text x="${left}" y="14">MiB over upgrades done</text>
${[...grid, ...ticks, ...drawn].join('\n')}
</svg>
`
}

async function main([file]: string[]): Promise<void> {
  if (file === undefined) throw new Error('which result? npx tsx bench/memory-plot.ts RESULT.json')
  const { samples } = JSON.parse(await readFile(file, 'utf8')) as { samples: Sample[] }
  await writeFile(join(__dirname, '../docs/images/memory.svg'), plotOf(samples))
}

if (require.main === module)
  main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    process.exitCode = 1
  })
