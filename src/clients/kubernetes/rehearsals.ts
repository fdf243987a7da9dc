import type { Kubernetes, RehearsalSpec } from '../contracts'
import { isSuccess, paths, type Api } from './api'
import { failureOf } from './errors'
import { readNamed } from './read-workload'
import { rehearsalJob, rehearsalLabel, rehearsalPolicy, rehearsalSecret } from './rehearsal-manifests'
import type { Job, ObjectMeta } from './wire'

/** No rehearsal takes so long: what is older was left by a worker that was killed before its Job could start. */
const leftAfterMs = 6 * 3_600_000

export function rehearsalsOf(
  api: Api,
  deleteJob: Kubernetes['deleteJob'],
): Pick<Kubernetes, 'startRehearsal' | 'endRehearsal'> {
  return {
    startRehearsal: (rehearsal) => start(api, deleteJob, rehearsal),
    // Secret and NetworkPolicy are the Job's own: the cluster takes them along, and Refit needs no right to delete others.
    endRehearsal: (namespace, name) => deleteJob(namespace, name),
  }
}

/** The Job is there first, so that it owns the rest, and runs last. Whatever fails half way is removed again. */
async function start(api: Api, deleteJob: Kubernetes['deleteJob'], rehearsal: RehearsalSpec): Promise<void> {
  const { namespace, name, like } = rehearsal
  await removeLeft(api, deleteJob, namespace)
  const workload = await readNamed(api, namespace, { kind: like.kind ?? 'Deployment', name: like.workload })
  const created = await create<Job>(
    api,
    paths.jobs(namespace),
    rehearsalJob(rehearsal, workload),
    `job ${namespace}/${name}`,
  )
  const doing = `read job ${namespace}/${name}`
  const job = created ?? (await api.json<Job>({ method: 'GET', path: paths.jobs(namespace, name), doing }))
  try {
    const owner: ObjectMeta = job.metadata ?? {}
    await create(
      api,
      paths.networkPolicies(namespace),
      rehearsalPolicy(rehearsal, owner),
      `networkpolicy ${namespace}/${name}`,
    )
    await create(api, paths.secrets(namespace), rehearsalSecret(rehearsal, owner), `secret ${namespace}/${name}`)
    await api.json({
      method: 'PATCH',
      path: paths.jobs(namespace, name),
      query: { fieldManager: 'refit' },
      contentType: 'application/merge-patch+json',
      body: { spec: { suspend: false } },
      doing: `start job ${namespace}/${name}`,
    })
  } catch (error) {
    await deleteJob(namespace, name).catch(() => undefined)
    throw error
  }
}

/** Undefined when it is there: the name is a new one, so that only a repeated request can have made it. */
async function create<T>(api: Api, path: string, body: object, what: string): Promise<T | undefined> {
  const doing = `create ${what}`
  const answer = await api.send({ method: 'POST', path, query: { fieldManager: 'refit' }, body, doing })
  if (answer.status === 409) return undefined
  if (!isSuccess(answer)) throw failureOf(answer, doing)
  return JSON.parse(answer.body.toString('utf8')) as T
}

async function removeLeft(api: Api, deleteJob: Kubernetes['deleteJob'], namespace: string): Promise<void> {
  const jobs = await api.list<Job>({
    path: paths.jobs(namespace),
    query: { labelSelector: rehearsalLabel },
    doing: `list rehearsals in ${namespace}`,
  })
  const left = jobs.filter(({ metadata }) => Date.now() - Date.parse(metadata?.creationTimestamp ?? '') > leftAfterMs)
  for (const { metadata } of left) await deleteJob(namespace, metadata?.name ?? '')
}
