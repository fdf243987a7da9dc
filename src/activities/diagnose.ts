import { Context } from '@temporalio/activity'
import type { WorkloadRef } from '../clients/contracts'
import {
  type Diagnosis,
  diagnosisLimits,
  eventWords,
  logLines,
  type PodDiagnosis,
  type Suspect,
  suspectsOf,
} from '../domain/diagnosis'
import { sentenceOf } from '../domain/errors'
import { stepKeys } from '../domain/event'
import type { Plan } from '../domain/plan'
import { maskSecrets, secretsIn } from '../domain/secrets'
import { workloadId } from '../domain/service'
import type { Phase } from '../domain/status'
import type { StepVerdict, UpgradeKey } from './contracts'
import type { Dependencies } from './dependencies'

/** The undo runs beside it and takes the pods away: what is not read at once is not there any more. */
const readWithinMs = 3_000

/**
 * Looks at the pods that a verdict is about, what they logged last and what Kubernetes warned of, and keeps it. Whatever
 * can't be read is named instead: a diagnosis never fails because of it.
 */
export const diagnose =
  (deps: Dependencies) =>
  async ({
    upgradeId,
    planHash,
    phase,
    verdict,
  }: UpgradeKey & { phase: Phase; verdict: StepVerdict }): Promise<void> => {
    if (verdict.kind === 'healthy') return
    const { store } = deps
    const plan = await store.plans.read(planHash)
    const unread: string[] = []
    const suspects = await suspectsIn(deps, plan, verdict, unread)
    const pods = await Promise.all(suspects.map((suspect) => podDiagnosis(deps, plan, suspect, unread)))
    const at = verdict.at ?? Date.now()
    const detected = await detectedAfter(deps, upgradeId, { ...verdict, at })
    const clean = (text: string): string => maskSecrets(text, secretsIn(deps.environment))
    const diagnosis: Diagnosis = {
      ...{ phase, kind: verdict.kind, rule: verdict.reason, sentence: clean(verdict.sentence) },
      at: new Date(at).toISOString(),
      ...(detected ? { detected } : {}),
      ...{ pods, unread: unread.map(clean) },
    }
    await store.diagnoses.saveOnce(upgradeId, `${phase}/${verdict.workload ?? ''}/${diagnosis.at}`, diagnosis)
  }

async function suspectsIn(
  { kubernetes }: Dependencies,
  { service, workloads }: Plan,
  { workload: named }: StepVerdict,
  unread: string[],
): Promise<Suspect[]> {
  const meant = workloads.filter((each) => named === undefined || workloadId(each) === named)
  const look = async (workload: WorkloadRef): Promise<Suspect[]> => {
    const { signal } = bounded()
    return suspectsOf(workload.name, await kubernetes.observeRollout(service.namespace, workload, signal))
  }
  const found = await Promise.all(meant.map((each) => reading(unread, () => look(each), [])))
  return found.flat().slice(0, diagnosisLimits.pods)
}

async function podDiagnosis(
  { kubernetes, environment }: Dependencies,
  { service: { namespace } }: Plan,
  { workload, pod, container, previous, state }: Suspect,
  unread: string[],
): Promise<PodDiagnosis> {
  const { logLines: lines, logBytes: bytes } = diagnosisLimits
  const logOf = (before: boolean): Promise<string> =>
    kubernetes.podLog(namespace, pod, { container, previous: before, lines, bytes, timeoutMs: readWithinMs })
  const log = async (): Promise<string> => (previous ? await logOf(true) : '') || (await logOf(false))
  const [logged, warnings] = await Promise.all([
    reading(unread, log, ''),
    reading(unread, () => kubernetes.podWarnings(namespace, pod, bounded().signal), []),
  ])
  const clean = (text: string): string => maskSecrets(text, secretsIn(environment))
  return {
    ...{ workload, pod, container, state: clean(state) },
    log: logLines(clean(logged)),
    events: eventWords(warnings.map((each) => ({ ...each, message: clean(each.message) }))),
  }
}

const bounded = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(readWithinMs) })

async function reading<T>(unread: string[], read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read()
  } catch (error) {
    Context.current().log.warn('a diagnosis lacks something', { error: sentenceOf(error) })
    unread.push(sentenceOf(error))
    return otherwise
  }
}

/** By the sign that the rule noted, else by the change that is on record. */
async function detectedAfter(
  { store }: Dependencies,
  upgradeId: string,
  { since, at, workload }: StepVerdict & { at: number },
): Promise<Diagnosis['detected']> {
  if (since !== undefined) return { ms: Math.max(0, at - since), after: 'sign' }
  const changed =
    workload === undefined
      ? (await store.upgrades.events(upgradeId)).findLast(({ kind }) => kind === 'patched')
      : await store.upgrades.recorded(upgradeId, stepKeys.patched(workload))
  return changed && { ms: Math.max(0, at - changed.at.getTime()), after: 'change' }
}
