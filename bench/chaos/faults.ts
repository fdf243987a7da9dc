import fc from 'fast-check'
import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { PartName } from '../../stack'
import type { ApiFault } from './api-proxy'
import { ofReleases, type ServiceName, serviceNames } from './config'
import type { ChaosHub } from './hub'
import { pointsOfCode } from './steps'
import { pointName } from './switch'

/** One thing that happens to the hub, and how long after the one before. */
export interface Fault {
  afterMs: number
  what: What
}

export type What =
  /** `early`: also one that has not got to work yet */
  | { kind: 'worker-killed'; early: boolean }
  | { kind: 'worker-killed-at'; point: string }
  | { kind: 'server-killed'; part: PartName; awayMs: number }
  | { kind: 'api-answers'; fault: ApiFault; every: number; forMs: number }
  | { kind: 'network'; to: 'temporal' | 'postgres'; line: 'cut' | 'silent'; forMs: number }
  | { kind: 'disk-full'; forMs: number }
  | { kind: 'clock'; seconds: number }
  | { kind: 'person'; does: 'cancel' | 'terminate' | 'reset'; service: ServiceName }

const ms = (min: number, max: number) => fc.integer({ min, max })
const points = pointsOfCode().map(pointName)

const what: fc.Arbitrary<What> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('worker-killed' as const),
      early: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('worker-killed-at' as const), point: fc.constantFrom(...points) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('server-killed' as const),
      part: fc.constantFrom<PartName>('temporal', 'postgres', 'kube-apiserver', 'registry'),
      awayMs: ms(0, 20_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ kind: 'server-killed' as const, part: 'kube-apiserver' as const, awayMs: 60_000 }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('api-answers' as const),
      fault: fc.record({ status: fc.constantFrom(429, 500, 409, 410), applied: fc.boolean() }),
      every: fc.constantFrom(1, 2, 5),
      forMs: ms(500, 8_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('network' as const),
      to: fc.constantFrom('temporal', 'postgres'),
      line: fc.constantFrom('cut', 'silent'),
      forMs: ms(1_000, 25_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('disk-full' as const), forMs: ms(2_000, 15_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock' as const), seconds: fc.constantFrom(-900, 900, 0) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('person' as const),
      does: fc.constantFrom('cancel', 'terminate', 'reset'),
      service: fc.constantFrom(...serviceNames.filter((name) => !ofReleases.includes(name))),
    }),
  },
)

/** All that a walk of this seed meets, in order. */
export const faultsOf = (seed: number, count: number): Fault[] =>
  fc.sample(fc.record({ afterMs: ms(200, 9_000), what }), { seed, numRuns: count })

export const wait = (forMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs))

/** Has it happen, and heals it again. What could not be done, because something else is down, is said. */
export async function happen(chaos: ChaosHub, { what: each }: Fault): Promise<string> {
  switch (each.kind) {
    case 'worker-killed':
      // On a busy machine no worker would ever get to work else.
      if (!each.early) await chaos.worker.ready()
      chaos.worker.kill()
      return `worker killed${each.early ? ', whether or not it was up' : ''}`
    case 'worker-killed-at':
      chaos.points.forget(each.point)
      chaos.points.arm([each.point])
      return `armed ${each.point}`
    case 'server-killed':
      await chaos.hub.stack.stop(each.part)
      await wait(each.awayMs)
      // A server that does not come at once is started once more: nothing is proven by a hub without it.
      await chaos.hub.stack.start(each.part).catch(() => chaos.hub.stack.start(each.part))
      return `${each.part} killed, away for ${each.awayMs} ms`
    case 'api-answers': {
      const { status, applied } = each.fault
      chaos.api?.fault(each.fault, each.every)
      await wait(each.forMs)
      chaos.api?.fault(undefined)
      return `every ${each.every}. answer of the API server was ${status}${applied ? ' after it had acted' : ''} for ${each.forMs} ms`
    }
    case 'network':
      chaos.lines?.[each.to].set(each.line)
      await wait(each.forMs)
      chaos.lines?.[each.to].set('pass')
      return `network to ${each.to} ${each.line} for ${each.forMs} ms`
    case 'disk-full':
      if (!chaos.disk) return 'no small disk without root'
      chaos.disk.fill()
      await wait(each.forMs)
      chaos.disk.free()
      return `the disk of Refit's database was full for ${each.forMs} ms`
    case 'clock':
      return jump(chaos, each.seconds)
    case 'person':
      return act(chaos, each)
  }
}

/** The next worker's clock goes wrong by so much, while every server's goes on. */
function jump({ worker, faketime }: ChaosHub, seconds: number): string {
  if (!faketime) return 'no libfaketime on this machine'
  const env = { ...worker.env }
  for (const each of ['LD_PRELOAD', 'FAKETIME']) delete env[each]
  const wrong = { LD_PRELOAD: faketime, FAKETIME: `${seconds > 0 ? '+' : ''}${seconds}s`, DONT_FAKE_MONOTONIC: '1' }
  worker.env = seconds === 0 ? env : { ...env, ...wrong }
  worker.kill()
  return `the worker's clock is wrong by ${seconds} s`
}

async function act({ temporal, hub }: ChaosHub, { does, service }: Extract<What, { kind: 'person' }>): Promise<string> {
  const workflowId = upgradeWorkflowId(service, service)
  const handle = temporal.workflow.getHandle(workflowId)
  try {
    const { status, runId } = await handle.describe()
    if (status.name !== 'RUNNING') return `${service} has no open upgrade to ${does}`
    if (does === 'cancel') await handle.cancel()
    else if (does === 'terminate') await handle.terminate('chaos')
    else {
      const type = ['--type', 'FirstWorkflowTask', '--reason', 'chaos']
      await hub.temporal('workflow', 'reset', '--workflow-id', workflowId, '--run-id', runId, ...type)
    }
    return `a person does ${does} on ${service}`
  } catch (error) {
    return `${does} on ${service} was not taken: ${String(error).split('\n')[0]}`
  }
}
