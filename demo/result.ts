import { writeFile } from 'node:fs/promises'
import Table from 'cli-table3'
import type { ActResult } from './play-upgrade'
import type { FinalLoad } from './load'

export interface DemoResult {
  node: 'real' | 'simulated'
  seconds: { stack: number; acts: number; total: number }
  upgrades: ActResult[]
  requests: number | null
  failedRequests: number | null
  /** per second, over the whole run */
  rate: number | null
  ledgerBalanced: boolean | null
  outcomesAsExpected: boolean
}

/** Puts the figures together: null where nothing was measured, which is never a proof. */
export function resultOf(
  node: DemoResult['node'],
  seconds: DemoResult['seconds'],
  upgrades: ActResult[],
  load: FinalLoad | undefined,
): DemoResult {
  return {
    node,
    seconds,
    upgrades,
    requests: load?.sent ?? null,
    failedRequests: load?.failed ?? null,
    rate: load ? Math.round((load.sent / load.seconds) * 10) / 10 : null,
    ledgerBalanced: load?.verification?.sound ?? null,
    outcomesAsExpected: upgrades.every(({ outcome, expected }) => outcome === expected),
  }
}

/** True when all is as it should be. `rude` is allowed to cost requests: that is what it shows. */
export const asItShouldBe = (result: DemoResult, { rude }: { rude: boolean }): boolean =>
  result.outcomesAsExpected &&
  (result.node === 'simulated' || (result.ledgerBalanced === true && (rude || result.failedRequests === 0)))

/** The summary a person reads; the same goes into demo-result.json. */
export async function report(result: DemoResult, print: (text: string) => void): Promise<void> {
  const table = new Table({
    head: ['act', 'expected', 'outcome', 'seconds', 'requests', 'failed'],
    style: { head: [], border: [] },
  })
  for (const { act, expected, outcome, phases, requests, failed } of result.upgrades) {
    const seconds = Object.entries(phases)
      .map(([phase, count]) => `${phase} ${count}`)
      .join(', ')
    table.push([act.slice(0, 48), expected, outcome, seconds, requests ?? '-', failed ?? '-'])
  }
  print(table.toString())
  if (result.node === 'simulated')
    print('Simulated nodes: traffic not measured. The proof is the run on a real node (Linux, root).')
  else
    print(
      `${result.requests} payments at ${result.rate}/s, ${result.failedRequests} failed; the ledger ${result.ledgerBalanced ? 'balances and has every answered payment exactly once' : 'does NOT balance'}.`,
    )
  print(`Stack ${result.seconds.stack} s, acts ${result.seconds.acts} s. Written to demo-result.json.`)
  await writeFile('demo-result.json', `${JSON.stringify(result, null, 2)}\n`)
}
