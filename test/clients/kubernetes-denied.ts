import type { JobSpec, Kubernetes, RehearsalSpec, WorkloadRef } from '../../src/clients/contracts'
import type { WorkloadKind } from '../../src/domain/service'
import { changes, images } from './kubernetes-cluster'

/** A namespace with a workload of each kind that runs the ledger. */
export interface AllKinds {
  namespace: string
  refs: Record<WorkloadKind, WorkloadRef>
}

type Operation = (client: Kubernetes, hub: AllKinds) => Promise<unknown>
/** Either the refusal, or what comes of it instead. */
type Outcome = 'refused' | ((found: unknown) => void)

export const leftJob = 'refit-ledger-left-0'
const like = { workload: 'ledger', container: 'run-migration' }
export const jobOf = (namespace: string, name: string): JobSpec => ({
  ...{ namespace, name, image: images.wanted, command: ['true'], deadlineMs: 60_000, labels: {}, like },
})
export const rehearsalOf = (namespace: string, name: string): RehearsalSpec => ({
  ...{ namespace, name, image: images.wanted, command: ['true'], deadlineMs: 60_000 },
  ...{ env: 'DATABASE_URL', url: 'postgres://a', addresses: ['10.1.2.3'], port: 5432, hosts: {}, labels: {}, like },
})

const scan: Operation = (client, { namespace }) => client.observeServices([namespace])
const look =
  (kind: WorkloadKind): Operation =>
  (client, { namespace, refs }) =>
    client.observeRollout(namespace, refs[kind])
const patch =
  (kind: WorkloadKind): Operation =>
  (client, { namespace, refs }) =>
    client.patchImages(
      namespace,
      refs[kind],
      kind === 'Deployment' ? changes : [{ name: 'ledger', init: false, from: images.old, to: images.wanted }],
    )
const follow =
  (kind: WorkloadKind): Operation =>
  async (client, { namespace, refs }) => {
    const following = client.followRollout(namespace, refs[kind])
    try {
      return (await following.look()).kind ?? 'Deployment'
    } finally {
      following.end()
    }
  }
const rehearse: Operation = (client, { namespace }) =>
  client.startRehearsal(rehearsalOf(namespace, 'refit-rehearsal-denied'))
const around: Operation = async (client, { namespace, refs }) =>
  (await client.surroundings(namespace, [refs.Deployment])).unread

const unread = (resource: string): [Operation, Outcome] => [around, (found) => expect(found).toEqual([resource])]
const seen = (kind: WorkloadKind): [Operation, Outcome] => [follow(kind), (found) => expect(found).toBe(kind)]
const refused = (operation: Operation): [Operation, Outcome] => [operation, 'refused']

/** What needs each right, and what comes of it without. */
export const withoutRight: Readonly<Record<string, [Operation, Outcome]>> = {
  'list deployments': refused(scan),
  'list statefulsets': refused(scan),
  'list daemonsets': refused(scan),
  'list cronjobs': refused(scan),
  'list pods': refused(scan),
  'list resourcequotas': unread('resourcequotas'),
  'list limitranges': unread('limitranges'),
  'list persistentvolumeclaims': unread('persistentvolumeclaims'),
  'list services': unread('services'),
  'list poddisruptionbudgets': unread('poddisruptionbudgets'),
  'list horizontalpodautoscalers': unread('horizontalpodautoscalers'),
  'get deployments': refused(look('Deployment')),
  'get statefulsets': refused(look('StatefulSet')),
  'get daemonsets': refused(look('DaemonSet')),
  'get cronjobs': refused(look('CronJob')),
  'list replicasets': refused(look('Deployment')),
  'list controllerrevisions': refused(look('DaemonSet')),
  'list jobs': refused(look('CronJob')),
  'watch deployments': seen('Deployment'),
  'watch statefulsets': seen('StatefulSet'),
  'watch daemonsets': seen('DaemonSet'),
  'watch replicasets': seen('Deployment'),
  'watch controllerrevisions': seen('DaemonSet'),
  'watch cronjobs': seen('CronJob'),
  'watch jobs': seen('CronJob'),
  'watch pods': seen('StatefulSet'),
  'list events': refused((client, { namespace }) => client.podWarnings(namespace, 'books-0')),
  'patch deployments': refused(patch('Deployment')),
  'patch statefulsets': refused(patch('StatefulSet')),
  'patch daemonsets': refused(patch('DaemonSet')),
  'patch cronjobs': refused(patch('CronJob')),
  'delete pods': refused((client, { namespace }) => client.deletePod(namespace, 'books-0', 'another')),
  'get pods/log': refused((client, { namespace }) =>
    client.podLog(namespace, 'books-0', {
      container: 'ledger',
      previous: false,
      lines: 9,
      bytes: 999,
      timeoutMs: 9_000,
    }),
  ),
  'get pods/proxy': refused((client, { namespace }) => client.podGet(namespace, 'no-such-pod', 3001, '/health', 9_000)),
  'create jobs': refused((client, { namespace }) => client.startJob(jobOf(namespace, 'refit-ledger-denied-0'))),
  'get jobs': refused((client, { namespace }) => client.jobState(namespace, leftJob)),
  'delete jobs': refused((client, { namespace }) => client.deleteJob(namespace, leftJob)),
  'patch jobs': refused(rehearse),
  'create secrets': refused(rehearse),
  'create networkpolicies': refused(rehearse),
}
