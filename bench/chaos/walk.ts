import { violationsOfWalk } from './check'
import { serviceNames } from './config'
import { type Fault, faultsOf, happen, wait } from './faults'
import { type ChaosHub, openChaosHub } from './hub'
import { keepLog } from './matrix'
import { approveAll } from './people'
import { playRound, type Running } from './scenarios'
import { standing } from './standing'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** More than a walk of hours meets. */
const mostFaults = 20_000

/**
 * Rounds of stories while workers, servers, the network and people do what the seed draws; after each round everything is
 * left to come to its end, and looked at.
 */
export async function runWalk({ minutes, seed }: { minutes: number; seed: number }) {
  say(`seed ${seed}`)
  const began = Date.now()
  const until = began + minutes * 60_000
  const chaos = await openChaosHub({ soon: false, between: true })
  const faults = faultsOf(seed, mostFaults)
  const counts: Record<string, number> = {}
  const wrong: string[] = []
  const running = Object.fromEntries(serviceNames.map((name) => [name, 'v1.0.0'])) as Running
  const outcomes: Record<string, number> = {}
  let rounds = 0
  try {
    chaos.worker.start()
    while (Date.now() < until && wrong.length < 10) {
      rounds += 1
      const since = new Date()
      const found = await walkRound(chaos, { round: rounds, running, faults, counts })
      if (found.length === 0) found.push(...(await violationsOfWalk(chaos, { since, running })))
      if (found.length > 0) for (const line of await standing(chaos)) say(`  ${line}`)
      wrong.push(...found.map((each) => `round ${rounds}: ${each}`))
      const seconds = Math.round((Date.now() - since.getTime()) / 1_000)
      say(`round ${rounds}: ${seconds} s; ${found.length === 0 ? 'converged' : found.join('; ')}`)
    }
    for (const { outcome } of await chaos.hub.store.upgrades.list({ limit: 10_000 }))
      outcomes[outcome ?? 'open'] = (outcomes[outcome ?? 'open'] ?? 0) + 1
    return {
      ...{ bench: 'chaos', mode: 'walk', violations: wrong.length, wrong, seed, minutes, rounds },
      converged: rounds - new Set(wrong.map((each) => each.split(':')[0])).size,
      ...{ faults: counts, exits: chaos.worker.exits, upgrades: outcomes },
      ...{ apiAnswers: chaos.api?.faulted() ?? 0, alerts: chaos.alerts.received.length },
      seconds: Math.round((Date.now() - began) / 1_000),
    }
  } finally {
    keepLog(chaos)
    await chaos.close()
  }
}

interface Walk {
  round: number
  running: Running
  faults: Fault[]
  counts: Record<string, number>
}

/** One round: stories, and what happens to them meanwhile. Returns what did not come to its end. */
async function walkRound(chaos: ChaosHub, { round, running, faults, counts }: Walk): Promise<string[]> {
  const stopApproving = approveAll(chaos)
  let isOver = false
  const stories = playRound(chaos, round, running).then(
    (): string[] => [],
    (error: Error) => error.message.split('\n'),
  )
  const all = stories.finally(() => void (isOver = true))
  while (!isOver) {
    const fault = faults.shift()
    if (!fault) break
    await Promise.race([wait(fault.afterMs), all])
    if (isOver) break
    const said = await happen(chaos, fault).catch((error: unknown) => `could not be done: ${String(error)}`)
    counts[fault.what.kind] = (counts[fault.what.kind] ?? 0) + 1
    say(`  ${said}`)
  }
  const found = await all
  chaos.points.arm([])
  await stopApproving()
  return found
}
