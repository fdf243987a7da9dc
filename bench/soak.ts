/**
 * Upgrades and rollbacks of the sample hub in a row, under load, in an order drawn from a printed seed. Failed requests,
 * the ledger's books, and the payments' p99 during Refit's upgrades against that during kubectl's rollouts of the same
 * releases in the same run. Needs root on Linux. Last line: JSON.
 */
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { LoadProcess } from '../demo/load'
import { SERVICES, type Behaviour, type Release, type ServiceName } from '../examples/hub/releases'
import { type BenchHub, benchRelease, runBench, withHub } from './hub'
import { rounded } from './median'

const usage = `npm run soak -- [options]: upgrades and rolls back the sample hub under load

  --upgrades N   good releases (20)
  --rollbacks N  releases that fail before their pods replace the old ones (20)
  --rate N       payments per second (200)
  --seed N       the order, as an earlier run printed it
`

const policies = `  - name: hub
    select: { namespaces: [hub], images: ['*/hub/*'] }
    mode: approve
    approval: { required: 1, unverified: accept }
    rollout: { bake: 3s, stall: 12s, deadline: 3m, maxUnavailable: 1 }
    health: [{ http: /health, port: 3001, expect: { status: OK, version: $.versionNumber } }]
`
/** All of them show before a new pod is ready. */
const bad: Behaviour[] = ['never-ready', 'missing-image', 'crash-loop']
/** Of each service, in the order of rolling; init containers run the same image. */
const workloads: Record<ServiceName, string[]> = {
  ledger: ['ledger', 'ledger-consumer'],
  quoting: ['quoting'],
  settlement: ['settlement'],
}

interface Step {
  service: ServiceName
  behaviour: Behaviour
}

interface Counts {
  upgrades: number
  rollbacks: number
  rate: number
  seed: number
}

function counts(): Counts {
  const text = (value: string) => ({ type: 'string', default: value }) as const
  const { values } = parseArgs({
    options: {
      upgrades: text('20'),
      rollbacks: text('20'),
      rate: text('200'),
      seed: text(String(Math.floor(Math.random() * 2 ** 31))),
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    process.exit(0)
  }
  const number = (name: 'upgrades' | 'rollbacks' | 'rate' | 'seed'): number => {
    const value = Number(values[name])
    if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} is not a whole number: ${values[name]}`)
    return value
  }
  return { upgrades: number('upgrades'), rollbacks: number('rollbacks'), rate: number('rate'), seed: number('seed') }
}

/** Every step of the run, drawn from the seed: services in turn, failures in turn, in any order. */
function stepsOf({ upgrades, rollbacks, seed }: Counts): Step[] {
  const service = (index: number): ServiceName => SERVICES[index % SERVICES.length] as ServiceName
  const steps: Step[] = [
    ...Array.from({ length: upgrades }, (_, index) => ({ service: service(index), behaviour: 'ok' as const })),
    ...Array.from({ length: rollbacks }, (_, index) => ({
      service: service(index),
      behaviour: bad[Math.floor(index / SERVICES.length) % bad.length] as Behaviour,
    })),
  ]
  const shuffled = fc.shuffledSubarray(steps, { minLength: steps.length, maxLength: steps.length })
  return fc.sample(shuffled, { seed, numRuns: 1 })[0] ?? []
}

async function measure(hub: BenchHub, asked: Counts) {
  const { ledger, quoting } = hub.ports
  const load = LoadProcess.start({ ledger, quoting, rate: asked.rate, databaseUrl: hub.databaseUrl })
  const running: Record<ServiceName, string> = { ledger: 'v1.0.0', quoting: 'v1.0.0', settlement: 'v1.0.0' }
  const wrong: string[] = []
  const startedAt = Date.now()
  let bugfix = 0
  try {
    for (const [index, step] of stepsOf(asked).entries()) {
      const release = benchRelease(step.service, `v1.0.${++bugfix}`, step.behaviour)
      const outcome = await play(hub, load, release, running[step.service])
      const wanted = step.behaviour === 'ok' ? 'succeeded' : 'rolled-back'
      if (outcome !== wanted) wrong.push(`${release.service} ${release.tag} (${step.behaviour}): ${outcome}`)
      if (outcome === 'succeeded') running[step.service] = release.tag
      process.stderr.write(
        `${index + 1} ${release.service} ${release.tag} ${step.behaviour}: ${outcome}; ${load.last?.failed ?? 0} failed of ${load.last?.sent ?? 0}\n`,
      )
    }
    return report(asked, await load.stop(), wrong, (Date.now() - startedAt) / 1000)
  } finally {
    load.kill()
  }
}

/** One release by Refit; a good one again by kubectl, from the same old version, for comparison. */
async function play(hub: BenchHub, load: LoadProcess, release: Release, before: string): Promise<string> {
  const waiting = await hub.offered(release)
  load.label(release.behaviour === 'ok' ? 'refit' : 'rollback')
  await hub.approve(waiting)
  const { outcome } = await hub.ended(waiting)
  await settled(hub, release.service)
  load.label(undefined)
  if (outcome !== 'succeeded') return outcome ?? 'open'
  await rolledByHand(hub, { ...release, tag: before })
  load.label('kubectl')
  await rolledByHand(hub, release)
  load.label(undefined)
  return outcome
}

/** As a person does it: the templates set, and waited for. */
async function rolledByHand(hub: BenchHub, release: Release): Promise<void> {
  for (const name of workloads[release.service]) {
    await hub.kubectl('set', 'image', `deployment/${name}`, `*=${hub.image(release)}`)
    await hub.kubectl('rollout', 'status', `deployment/${name}`, '--timeout=120s')
  }
  await settled(hub, release.service)
}

/** Waits until no pod is left that ends: its last requests belong to what ended it. */
async function settled({ kubectl }: BenchHub, service: ServiceName): Promise<void> {
  const selector = `app.kubernetes.io/name in (${workloads[service].join(',')})`
  const ending = 'jsonpath={.items[?(@.metadata.deletionTimestamp)].metadata.name}'
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    if ((await kubectl('get', 'pods', '-l', selector, '-o', ending)) === '') return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`pods of ${service} don't end`)
}

type FinalLoad = Awaited<ReturnType<LoadProcess['stop']>>

function report(asked: Counts, load: FinalLoad, wrong: string[], seconds: number) {
  const { sent, failed, reasons, labelled, verification } = load
  const [refit, kubectl] = [labelled.refit?.latency.p99 ?? NaN, labelled.kubectl?.latency.p99 ?? NaN]
  return {
    bench: 'soak',
    violations: failed + wrong.length + (verification?.sound ? 0 : 1),
    ratio: rounded(refit / kubectl),
    ...asked,
    seconds: Math.round(seconds),
    sent,
    failed,
    reasons,
    unexpected: wrong,
    p99: { refit, kubectl },
    labelled,
    verification,
  }
}

const asked = counts()
process.stderr.write(`seed ${asked.seed}\n`)
runBench(() => withHub({ name: 'soak', policies }, (hub) => measure(hub, asked)))
