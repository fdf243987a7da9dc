import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { deploymentOf, violations } from './check'
import { serviceNames } from './config'
import { type ChaosHub, openChaosHub } from './hub'
import { type Expected, playRound, type Running } from './scenarios'
import { standing } from './standing'
import { pointsOfCode, unreachable } from './steps'
import { pointName, whens } from './switch'

export interface RoundResult {
  round: number
  seconds: number
  kills: number
  violations: string[]
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Rounds of stories over one hub, each from what the one before left running. */
export class Rounds {
  private round = 0
  private running = Object.fromEntries(serviceNames.map((name) => [name, 'v1.0.0'])) as Running

  constructor(
    private readonly chaos: ChaosHub,
    private readonly progress: (line: string) => void = say,
  ) {}

  /** Plays one round in which workers die at these points, and looks at what it came to. */
  async play(what: string, armed: readonly string[]): Promise<RoundResult> {
    const { chaos } = this
    const round = (this.round += 1)
    const since = new Date()
    const before = chaos.points.killed().length
    const generations: Record<string, number> = {}
    for (const name of serviceNames) generations[name] = (await deploymentOf(chaos, name)).metadata.generation
    chaos.points.arm(armed)
    let expected: Expected[] = []
    const wrong = await playRound(chaos, round, this.running).then(
      (each): string[] => {
        expected = each
        return []
      },
      (error: Error) => error.message.split('\n'),
    )
    for (const { service, runs } of expected) this.running[service] = runs
    chaos.points.arm([])
    if (wrong.length === 0) wrong.push(...(await violations(chaos, expected, { round, since, generations })))
    const seconds = Math.round((Date.now() - since.getTime()) / 1_000)
    const kills = chaos.points.killed().length - before
    if (wrong.length > 0) for (const line of await standing(chaos)) this.progress(`  ${line}`)
    this.progress(`${what}: ${kills} kills in ${seconds} s; ${wrong.length === 0 ? 'converged' : wrong.join('; ')}`)
    return { round, seconds, kills, violations: wrong }
  }
}

/** Points that were reached although they can't be, and the other way round. */
export function unexpected(reached: readonly string[]): string[] {
  const points = pointsOfCode().map(pointName)
  return [
    ...points.filter((each) => !reached.includes(each)).map((each) => `no story reaches ${each}`),
    ...reached.filter((each) => !points.includes(each)).map((each) => `${each} is reached, and was not expected to be`),
  ]
}

/** Every point of every step, one round per place to die; what the stories come to without a kill is looked at first. */
export async function runMatrix() {
  const began = Date.now()
  const chaos = await openChaosHub({ soon: true })
  try {
    chaos.worker.start()
    const rounds = new Rounds(chaos)
    const played = [await rounds.play('no kills', [])]
    if (played[0]?.violations.length === 0)
      for (const when of ['inside', 'after', 'before'] as const)
        played.push(
          await rounds.play(
            when,
            pointsOfCode()
              .filter((each) => each.when === when)
              .map(pointName),
          ),
        )
    const wrong = [...played.flatMap(({ violations: each }) => each), ...unexpected(chaos.points.reached())]
    const points = pointsOfCode().map(pointName)
    const notKilled = points.filter((each) => !chaos.points.killed().includes(each))
    return {
      ...{ bench: 'chaos', mode: 'matrix', violations: wrong.length, wrong },
      ...{ points: points.length, killed: points.length - notKilled.length, notKilled, kinds: [...whens] },
      unreachable: Object.keys(unreachable),
      converged: played.filter(({ violations: each }) => each.length === 0).length,
      ...{ rounds: played, exits: chaos.worker.exits, alerts: chaos.alerts.received.length },
      seconds: Math.round((Date.now() - began) / 1_000),
    }
  } finally {
    keepLog(chaos)
    await chaos.close()
  }
}

/** The stack's folder goes with it. */
export function keepLog({ hub }: ChaosHub): void {
  const to = process.env.CHAOS_LOG
  if (to) copyFileSync(join(hub.stack.stateDir, 'logs', 'refit-worker.log'), to)
}
