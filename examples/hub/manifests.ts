import type { ServiceName } from './releases'

export const PORT = 3001
const SECRET = 'hub-database'
const DRAIN_SECONDS = 3

export interface HubOptions {
  namespace: string
  /** host:port, as the nodes reach it */
  registry: string
  /** as the pods reach it: by address, there may be no cluster DNS */
  databaseUrl: string
  /** defaults to v1.0.0 each */
  tags?: Partial<Record<ServiceName, string>>
  /** fixed NodePorts; the cluster chooses what is left out */
  nodePorts?: { ledger?: number; quoting?: number }
  /** extra environment of every container, e.g. SICK_AFTER_SECONDS or LEDGER_MIGRATIONS_DISABLED */
  environment?: Record<string, string>
}

interface Workload {
  name: string
  service: ServiceName
  replicas: number
  strategy: object
  args: string[]
  /** takes requests, so it needs time to be withdrawn from the endpoints */
  serves: boolean
  migrates: boolean
}

const ONE_MORE_NEVER_LESS = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }

const WORKLOADS: Workload[] = [
  {
    name: 'ledger',
    service: 'ledger',
    replicas: 3,
    strategy: ONE_MORE_NEVER_LESS,
    args: ['api'],
    serves: true,
    migrates: true,
  },
  {
    name: 'ledger-consumer',
    service: 'ledger',
    replicas: 1,
    // Two consumers must never overlap, not even for the time of a rollout.
    strategy: { type: 'Recreate' },
    args: ['consumer'],
    serves: false,
    migrates: true,
  },
  {
    name: 'quoting',
    service: 'quoting',
    replicas: 1,
    strategy: ONE_MORE_NEVER_LESS,
    args: [],
    serves: true,
    migrates: false,
  },
  {
    name: 'settlement',
    service: 'settlement',
    replicas: 1,
    strategy: ONE_MORE_NEVER_LESS,
    args: [],
    serves: true,
    migrates: false,
  },
]

/** Everything the hub needs, in the order in which it is applied. */
export function manifests(options: HubOptions): object[] {
  const { namespace, databaseUrl, nodePorts } = options
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: SECRET, namespace },
      type: 'Opaque',
      stringData: { url: databaseUrl },
    },
    ...WORKLOADS.map((workload) => deployment(workload, options)),
    nodePortService('ledger', namespace, nodePorts?.ledger),
    nodePortService('quoting', namespace, nodePorts?.quoting),
    nodePortService('settlement', namespace),
  ]
}

function deployment(workload: Workload, options: HubOptions): object {
  const { name, replicas, strategy } = workload
  const selector = { 'app.kubernetes.io/name': name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: options.namespace, labels: labels(name) },
    spec: {
      replicas,
      strategy,
      revisionHistoryLimit: 10,
      selector: { matchLabels: selector },
      template: { metadata: { labels: labels(name) }, spec: podSpec(workload, options) },
    },
  }
}

function podSpec(workload: Workload, options: HubOptions): object {
  const image = `${options.registry}/hub/${workload.service}:${options.tags?.[workload.service] ?? 'v1.0.0'}`
  const env = environment(workload, options.environment ?? {})
  const common = { image, env, securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false } }
  const migration = {
    name: 'run-migration',
    ...common,
    command: ['node', '/app/ledger.js', 'migrate', '--in-pod'],
    resources: resources('20m'),
  }
  return {
    ...(workload.migrates ? { initContainers: [migration] } : {}),
    containers: [
      {
        name: workload.name,
        ...common,
        args: workload.args,
        ports: [{ name: 'http', containerPort: PORT }],
        resources: resources('50m'),
        startupProbe: probe('/live', { periodSeconds: 1, failureThreshold: 60 }),
        livenessProbe: probe('/live', { periodSeconds: 10, failureThreshold: 3 }),
        readinessProbe: probe('/ready', { periodSeconds: 1, failureThreshold: 3 }),
        ...(workload.serves ? { lifecycle: { preStop: { sleep: { seconds: 1 } } } } : {}),
      },
    ],
    terminationGracePeriodSeconds: 20,
    dnsPolicy: 'Default',
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true },
  }
}

function environment({ replicas }: Workload, extra: Record<string, string>): object[] {
  const plain = { PORT: String(PORT), DRAIN_SECONDS: String(DRAIN_SECONDS), SICK_POD: String(replicas), ...extra }
  return [
    { name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: SECRET, key: 'url' } } },
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ...Object.entries(plain).map(([name, value]) => ({ name, value })),
  ]
}

function nodePortService(name: string, namespace: string, nodePort?: number): object {
  const port = { name: 'http', port: 80, targetPort: 'http', ...(nodePort ? { nodePort } : {}) }
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: labels(name) },
    spec: { type: 'NodePort', selector: { 'app.kubernetes.io/name': name }, ports: [port] },
  }
}

const labels = (name: string) => ({ 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'green-hub' })

const probe = (path: string, timing: object) => ({ httpGet: { path, port: 'http' }, timeoutSeconds: 3, ...timing })

// No CPU limit: throttling would show as latency.
const resources = (cpu: string) => ({ requests: { cpu, memory: '64Mi' }, limits: { memory: '256Mi' } })
