import type { Io } from '../../src/cli/io'
import { main } from '../../src/cli/main'
import type { Parts } from '../../src/cli/parts'
import type { Config } from '../../src/config'
import type { Kubernetes, Notifier, Registry } from '../../src/clients/contracts'
import type { HubTemporal } from '../../src/operations/temporal'
import type { Store } from '../../src/store/contracts'
import { config, fakeKubernetes, fakeRegistry, fakeStore, fakeTemporal, now } from '../operations/support'

export interface Run {
  code: number
  out: string
  err: string
  /** what was asked on the terminal */
  asked: string[]
  /** stdout as JSON */
  json: () => Record<string, unknown>
  /** how often the parts were closed */
  closed: number
  /** which parts were opened */
  opened: string[]
  /** what the parts were opened with */
  with: { env: NodeJS.ProcessEnv; configFile: string }
}

export interface Surroundings {
  config?: Config
  store?: Store
  temporal?: HubTemporal
  kubernetes?: Kubernetes
  registry?: Registry
  notifiers?: Notifier[]
  env?: NodeJS.ProcessEnv
  /** somebody sits there and says this to every question */
  answer?: string
  width?: number
  isColorful?: boolean
  /** Ctrl-C; pressed before anything is watched, unless given */
  interrupted?: AbortSignal
  /** of what is started beside it */
  startSelf?: Io['startSelf']
}

/** Runs a command line as a process would, on parts that are made up. */
export async function refit(line: string | string[], surroundings: Surroundings = {}): Promise<Run> {
  const { env = {}, answer, width, isColorful = false } = surroundings
  const run: Run = {
    code: -1,
    out: '',
    err: '',
    asked: [],
    closed: 0,
    opened: [],
    with: { env: {}, configFile: '' },
    json: () => JSON.parse(run.out) as Record<string, unknown>,
  }
  const io: Io = {
    env,
    isTerminal: answer !== undefined,
    isColorful,
    width,
    out: (text) => void (run.out += text),
    err: (text) => void (run.err += text),
    ask: (question) => {
      run.asked.push(question)
      return Promise.resolve(answer ?? '')
    },
    user: () => 'me@laptop',
    now: () => now,
    interrupted: () => surroundings.interrupted ?? AbortSignal.abort(),
    startSelf: surroundings.startSelf ?? (() => ({ ended: () => '', stop: () => Promise.resolve() })),
  }
  const opens =
    <T>(name: string, part: T) =>
    () => {
      run.opened.push(name)
      return Promise.resolve(part)
    }
  const parts: Parts = {
    config: opens('config', surroundings.config ?? config),
    store: opens('store', surroundings.store ?? fakeStore().store),
    temporal: opens('temporal', surroundings.temporal ?? fakeTemporal().temporal),
    kubernetes: opens('kubernetes', surroundings.kubernetes ?? fakeKubernetes()),
    registry: opens('registry', surroundings.registry ?? fakeRegistry()),
    notifiers: opens('notifiers', surroundings.notifiers ?? []),
    promotions: opens('promotions', {
      ask: () => Promise.resolve({ kind: 'error' as const, message: 'ECONNREFUSED' }),
      close: () => Promise.resolve(),
    }),
    close: () => {
      run.closed += 1
      return Promise.resolve()
    },
  }
  run.code = await main(typeof line === 'string' ? line.split(' ').filter(Boolean) : line, io, (given) => {
    run.with = given
    return parts
  })
  return run
}
