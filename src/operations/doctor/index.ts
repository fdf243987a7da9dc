import { actorWords, frozenWords, unfreezeCommand } from '../../domain/freeze-alerts'
import { instant } from '../../domain/text'
import { checkAlerts } from './alerts'
import type { FreezeRow, Store } from '../../store/contracts'
import { lookAtApprovals } from './approvals'
import { type Check, type DoctorParts, failed, ok } from './check'
import { checkClocks } from './clocks'
import { checkKubernetes, checkRegistries } from './cluster'
import { checkGit } from './git'
import { checkTemporal } from './temporal'
import { checkTools } from './tools'
import { checkVariables } from './variables'

/** What `refit doctor -o json` prints. */
export interface DoctorReport {
  /** no check failed; warnings are allowed */
  healthy: boolean
  checks: Check[]
}

const withinMs = 20_000

/** Looks at everything that Refit needs, all at once; never throws. */
export async function doctor(parts: DoctorParts): Promise<DoctorReport> {
  const groups = await Promise.all([
    examine('config', () => checkConfig(parts)),
    examine('database', () => checkDatabase(parts)),
    examine('alerts', () => checkAlerts(parts)),
    examine('approvals', () => checkApprovers(parts)),
    examine('temporal', () => checkTemporal(parts)),
    examine('kubernetes', () => checkKubernetes(parts)),
    examine('registries', () => checkRegistries(parts)),
    examine('git', () => checkGit(parts)),
    examine('variables', () => checkVariables(parts)),
    examine('clocks', () => checkClocks(parts)),
    parts.runTool ? checkTools(parts.runTool) : [],
  ])
  const checks = groups.flat()
  return { healthy: checks.every(({ state }) => state !== 'fail'), checks }
}

async function checkConfig({ config }: DoctorParts): Promise<Check[]> {
  const { hub, policies, registries } = await config()
  const acting = policies.filter(({ mode }) => mode !== 'watch').length
  return [
    ok(
      'config',
      `hub ${hub.name} (${hub.environment}), ${counted(policies.length, 'policy', 'policies')}, ${acting} of them may act, ${counted(registries.length, 'registry', 'registries')} named`,
    ),
  ]
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

/** What is wrong with the configuration or the database is said there, and once. */
async function checkApprovers(parts: DoctorParts): Promise<Check[]> {
  try {
    const [config, store] = await Promise.all([parts.config(), parts.store()])
    return await lookAtApprovals(config, store, new Date())
  } catch {
    return []
  }
}

async function checkDatabase(parts: DoctorParts): Promise<Check[]> {
  const store = await parts.store()
  const { pending } = await store.check()
  if (pending > 0)
    return [
      {
        name: 'database',
        state: 'warn',
        message: `reachable, ${pending} migrations pending`,
        next: 'A worker applies them when it starts: refit worker.',
      },
    ]
  const lacks = await store.lacking()
  if (lacks.length > 0)
    return [
      {
        name: 'database',
        state: 'fail',
        message: `reachable, but its role lacks ${lacks.join(', ')}: what people say would not be recorded, and upgrades stop there`,
        next: 'Grant it: refit permissions prints the statements.',
      },
    ]
  const last = await store.scans.last()
  const scan = last ? `last scan ended ${instant(last.endedAt)}${last.complete ? '' : ', not complete'}` : 'no scan yet'
  return [
    ok('database', `reachable, no migrations pending, ${scan}`),
    ...(await store.freezes.list()).map(frozen),
    ...(await checkWorkerConfig(parts, store)),
  ]
}

const frozen = (freeze: FreezeRow): Check => ({
  name: 'freeze',
  state: 'warn',
  message: `${frozenWords(freeze)} is frozen since ${instant(freeze.at)} by ${actorWords(freeze)}: ${freeze.reason}`,
  next: unfreezeCommand(freeze),
})

/** Says something only where there is something to say: doctor may run far from the worker's refit.yaml. */
async function checkWorkerConfig({ configHash }: DoctorParts, store: Store): Promise<Check[]> {
  const here = configHash?.()
  const worker = await store.workers.last()
  if (here === undefined || worker === undefined || here === worker.configHash) return []
  return [
    {
      name: 'worker config',
      state: 'warn',
      message: `the worker that started at ${instant(worker.at)} has another refit.yaml than this one`,
      next: 'If it has changed since, start the worker anew.',
    },
  ]
}

/** Makes a failure, or silence, into a line of the report. */
async function examine(name: string, look: () => Promise<Check[]>): Promise<Check[]> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<Check[]>((resolve) => {
    timer = setTimeout(
      () =>
        resolve([
          { name, state: 'fail', message: `no answer within ${withinMs / 1_000} s`, next: 'Look whether it hangs.' },
        ]),
      withinMs,
    )
  })
  try {
    return await Promise.race([look(), silence])
  } catch (error) {
    return [failed(name, error)]
  } finally {
    clearTimeout(timer)
  }
}
