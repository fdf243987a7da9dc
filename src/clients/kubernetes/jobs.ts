import { RefitError } from '../../domain/errors'
import { maskSecrets, secretsIn } from '../../domain/secrets'
import { labelKeys } from '../../domain/service'
import type { JobSpec, JobState, Kubernetes } from '../contracts'
import { isSuccess, paths, type Api } from './api'
import { failureOf, tryAgain } from './errors'
import { jobContainer, jobManifest, labelValue, managedBy } from './job-manifest'
import { jobStateOf } from './job-state'
import { readNamed } from './read-workload'
import type { Job, Pod } from './wire'

const logBytes = 64 * 1024
const logLines = 2_000
const logTimeoutMs = 30_000

export function jobsOf(api: Api): Pick<Kubernetes, 'startJob' | 'jobState' | 'jobLogs' | 'deleteJob'> {
  return {
    startJob: (job) => startJob(api, job),
    jobState: (namespace, name) => jobState(api, namespace, name),
    jobLogs: (namespace, name) => jobLogs(api, namespace, name),
    deleteJob: (namespace, name) => deleteJob(api, namespace, name),
  }
}

async function startJob(api: Api, job: JobSpec): Promise<void> {
  const { namespace, name, like } = job
  const workload = await readNamed(api, namespace, { kind: like.kind ?? 'Deployment', name: like.workload })
  const doing = `create job ${namespace}/${name}`
  const answer = await api.send({
    method: 'POST',
    path: paths.jobs(namespace),
    query: { fieldManager: 'refit' },
    body: jobManifest(job, workload),
    doing,
  })
  if (answer.status === 409) return checkIsOurs(await readJob(api, namespace, name), job)
  if (!isSuccess(answer)) throw failureOf(answer, doing)
}

/** The Job that is there already must be the one that an earlier attempt created. */
function checkIsOurs(there: Job | undefined, { namespace, name, labels }: JobSpec): void {
  if (!there || there.metadata?.deletionTimestamp !== undefined)
    throw new RefitError(
      'KUBERNETES_UNAVAILABLE',
      `Job ${namespace}/${name} is being deleted; it can't be created yet.`,
      tryAgain,
    )
  if (!isRefits(there) || there.metadata?.labels?.[labelKeys.upgrade] !== upgradeOf(labels))
    throw new RefitError('KUBERNETES_CONFLICT', `Somebody else's Job ${namespace}/${name} is in the way.`, 'Delete it.')
}

const isRefits = ({ metadata }: Job): boolean => metadata?.labels?.[managedBy.key] === managedBy.value

function upgradeOf(labels: Record<string, string>): string | undefined {
  const upgrade = labels[labelKeys.upgrade]
  return upgrade === undefined ? undefined : labelValue(upgrade)
}

async function jobState(api: Api, namespace: string, name: string): Promise<JobState> {
  const job = await readJob(api, namespace, name)
  if (!job) return { kind: 'absent' }
  return jobStateOf(job, await podsOf(api, namespace, name), Date.now())
}

async function readJob(api: Api, namespace: string, name: string): Promise<Job | undefined> {
  try {
    return await api.json<Job>({
      method: 'GET',
      path: paths.jobs(namespace, name),
      doing: `read job ${namespace}/${name}`,
    })
  } catch (error) {
    if (error instanceof RefitError && error.code === 'KUBERNETES_NOT_FOUND') return undefined
    throw error
  }
}

async function podsOf(api: Api, namespace: string, job: string): Promise<Pod[]> {
  const query = { labelSelector: `job-name=${job}` }
  return api.list<Pod>({ path: paths.pods(namespace), query, doing: `list pods of job ${namespace}/${job}` })
}

/** Whoever may look at an upgrade reads them, so what looks like a secret is hidden before anybody keeps them. */
async function jobLogs(api: Api, namespace: string, name: string): Promise<string> {
  const pods = await podsOf(api, namespace, name)
  const logs = await Promise.all(pods.map((pod) => podLog(api, namespace, pod)))
  const all = Buffer.from(maskSecrets(logs.filter(Boolean).join('\n'), pods.flatMap(writtenSecrets)))
  return all.length <= logBytes ? all.toString('utf8') : tailOf(all)
}

/** Those that a pod's variables hold as text; what Secrets hold Refit can't read. */
const writtenSecrets = ({ spec }: Pod): string[] =>
  (spec?.containers ?? []).flatMap(({ env = [] }) =>
    secretsIn(Object.fromEntries(env.map(({ name, value }) => [name, value]))),
  )

/** A letter of several bytes that the cut goes through is left out. */
const tailOf = (text: Buffer): string =>
  text
    .subarray(-logBytes)
    .toString('utf8')
    .replace(/^\ufffd+/, '')

/** What was logged is worth having, but its loss (the node has gone, the right is missing) must not hide how the Job ended. */
async function podLog(api: Api, namespace: string, { metadata }: Pod): Promise<string> {
  const pod = metadata?.name ?? ''
  const doing = `read the log of pod ${namespace}/${pod}`
  const answer = await api.send({
    method: 'GET',
    path: `${paths.pods(namespace, pod)}/log`,
    query: { container: jobContainer, tailLines: logLines },
    timeoutMs: logTimeoutMs,
    limit: { bytes: logBytes, keep: 'end' },
    doing,
  })
  if (isSuccess(answer)) return answer.body.length < logBytes ? answer.body.toString('utf8') : tailOf(answer.body)
  // 400: the container has not started. 404: the pod has gone since it was listed.
  if (answer.status === 400 || answer.status === 404) return ''
  return `(${failureOf(answer, doing).message})`
}

async function deleteJob(api: Api, namespace: string, name: string): Promise<void> {
  const job = await readJob(api, namespace, name)
  if (!job) return
  if (!isRefits(job))
    throw new RefitError(
      'KUBERNETES_CONFLICT',
      `Job ${namespace}/${name} is somebody else's and was not deleted.`,
      'Leave it to its owner, or delete it if it is in the way.',
    )
  const doing = `delete job ${namespace}/${name}`
  const answer = await api.send({
    method: 'DELETE',
    path: paths.jobs(namespace, name),
    // In the body: with a body the server ignores the query, and without a policy a Job leaves its pods behind.
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      preconditions: { uid: job.metadata?.uid },
    },
    doing,
  })
  // 409: another Job has this name by now.
  if (!isSuccess(answer) && answer.status !== 404 && answer.status !== 409) throw failureOf(answer, doing)
}
