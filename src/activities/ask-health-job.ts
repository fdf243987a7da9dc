import { createHash } from 'node:crypto'
import type { JobSpec, Kubernetes } from '../clients/contracts'
import { RefitError } from '../domain/errors'
import { type EventKind, stepKeys } from '../domain/event'
import type { HealthVerdict } from '../domain/health'
import type { JobCheck } from '../domain/health-check'
import { type HealthSample, serviceAsked } from '../domain/health-tally'
import { formatImage } from '../domain/image'
import { labelKeys } from '../domain/service'
import type { HealthDependencies, HealthQuestion } from './ask-health'
import { assertStillOpen } from './still-open'

/** Plain JSON, by the check's index. */
export interface JobsMemory {
  jobs: Record<string, 'running' | 'passed'>
}

/** Starts each Job of a stage once and looks how far it is; its result is an event, so that a later attempt knows it. */
export async function askJobs(
  deps: HealthDependencies,
  question: HealthQuestion,
  { jobs }: JobsMemory,
): Promise<{ samples: HealthSample[]; memory: JobsMemory }> {
  const after: JobsMemory = { jobs: { ...jobs } }
  const samples = question.plan.policy.health.flatMap((check, index) => {
    if (!('job' in check)) return []
    return [
      askJob(deps, question, { check, index }, after).then((verdict) => ({
        ...{ pod: serviceAsked(index), check: index, verdict },
        isSure: true,
      })),
    ]
  })
  return { samples: await Promise.all(samples), memory: after }
}

interface Numbered {
  check: JobCheck
  index: number
}

async function askJob(
  deps: HealthDependencies,
  question: HealthQuestion,
  numbered: Numbered,
  memory: JobsMemory,
): Promise<HealthVerdict> {
  const { index, check } = numbered
  const command = check.job.command.join(' ')
  if (memory.jobs[index] === 'passed') return { kind: 'ok', sentence: `${command} succeeded` }
  if (memory.jobs[index] === undefined) {
    const earlier = await deps.store.upgrades.recorded(question.upgradeId, keyOf(question, index))
    if (earlier) return concluded(memory, index, earlier.kind === 'checked', earlier.message)
    await assertStillOpen(deps.store, question.upgradeId)
  }
  try {
    return await look(deps, question, numbered, memory)
  } catch (error) {
    // That a check can't be run says nothing of the release.
    if (error instanceof RefitError) return { kind: 'unknown', sentence: `${command} can't be run: ${error.message}` }
    throw error
  }
}

async function look(
  deps: HealthDependencies,
  question: HealthQuestion,
  { check, index }: Numbered,
  memory: JobsMemory,
): Promise<HealthVerdict> {
  const { kubernetes, store } = deps
  const { upgradeId } = question
  const job = healthJob(question, check, index)
  const command = job.command.join(' ')
  if (memory.jobs[index] === undefined) {
    await kubernetes.startJob(job)
    memory.jobs[index] = 'running'
  }
  const state = await kubernetes.jobState(job.namespace, job.name)
  if (state.kind === 'running') return { kind: 'waiting', sentence: `${command} runs` }
  if (state.kind === 'absent')
    return { kind: 'unknown', sentence: `Job ${job.name} of ${command} was deleted before its result was read` }
  // Only a command that ran to its end has judged the release; a Job that could not start, or was cut off, has not.
  if (state.kind === 'failed' && state.exitCode === undefined)
    return { kind: 'unknown', sentence: `Job ${job.name} of ${command} has no result: ${state.reason}` }
  const key = keyOf(question, index)
  await store.jobLogs.save(upgradeId, key, await kubernetes.jobLogs(job.namespace, job.name))
  const passed = state.kind === 'succeeded'
  // The log itself stays in the store: it may hold what must not reach an alert.
  const message = passed
    ? `${command} succeeded`
    : `${command} failed (${state.reason}); see refit history --upgrade ${upgradeId} --logs`
  const kind = (passed ? 'checked' : 'check-failed') satisfies EventKind
  const phase = question.stage === 'bake' ? 'bake' : 'rollout'
  await store.upgrades.record({ upgradeId, key, phase, kind, message })
  await kubernetes.deleteJob(job.namespace, job.name)
  return concluded(memory, index, passed, message)
}

function concluded(memory: JobsMemory, index: number, passed: boolean, sentence: string): HealthVerdict {
  if (!passed) return { kind: 'bad', sentence }
  memory.jobs[index] = 'passed'
  return { kind: 'ok', sentence }
}

const keyOf = ({ stage }: HealthQuestion, index: number): string => stepKeys.health(stage, index)

/** Deletes what still runs. */
export async function endJobs(
  kubernetes: Pick<Kubernetes, 'deleteJob'>,
  question: HealthQuestion,
  { jobs }: JobsMemory,
): Promise<void> {
  for (const [index, check] of question.plan.policy.health.entries()) {
    if (!('job' in check) || jobs[index] !== 'running') continue
    const { namespace, name } = healthJob(question, check, index)
    await kubernetes.deleteJob(namespace, name)
  }
}

/** The command in the new image, in the surroundings of the first workload's application container. */
function healthJob({ plan, upgradeId, stage }: HealthQuestion, { job }: JobCheck, index: number): JobSpec {
  const { service, workloads, to } = plan
  const [workload] = workloads
  const container = workload?.containers.find(({ init }) => !init) ?? workload?.containers[0]
  return {
    namespace: service.namespace,
    // Of a stage's name a few letters of its hash: workloads' names are long, and must not be taken for one another.
    name: `refit-${service.name.slice(0, 20)}-${upgradeId}-h${index}-${hashOf(stage)}`
      .toLowerCase()
      .replace(/[^a-z0-9-]/g, '-'),
    image: formatImage({ repository: service.repository, ...to }),
    command: job.command,
    deadlineMs: job.deadlineMs,
    like: {
      ...(workload ? { kind: workload.kind } : {}),
      workload: workload?.name ?? '',
      container: container?.name ?? '',
    },
    labels: { [labelKeys.upgrade]: upgradeId, [labelKeys.service]: service.name.slice(0, 63) },
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)
