/** Every process a stack can consist of, in the order in which status shows them. */
export const partNames = [
  'temporal',
  'postgres',
  'registry',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
  'containerd',
  'kubelet',
  'kube-proxy',
] as const

export type PartName = (typeof partNames)[number]

export type NodeMode = 'real' | 'simulated'

export type Progress = (line: string) => void

export interface StackOptions {
  /** Stacks with different names live side by side; default `default`. */
  name?: string
  /** `auto` (the default) is a real node for root on Linux, else simulated nodes only. */
  node?: NodeMode | 'auto'
  /** Make every change to the machine without asking. Without a terminal nobody is asked either. */
  yes?: boolean
  /** Fail with the commands to run by hand instead of installing a package. */
  noInstall?: boolean
  /** Gets each line of progress; default: standard error. */
  progress?: Progress
  /** Start only these parts and what they need; default: all. */
  parts?: PartName[]
  /** Who uses the real node, told to a second `up` that wants it. */
  owner?: string
}

export interface PartStatus {
  part: PartName
  state: 'running' | 'unhealthy' | 'stopped'
  /** Why it is unhealthy. */
  reason?: string
  pid?: number
  address?: string
  log: string
}

export interface Stack {
  name: string
  /** The one folder with state, keys, logs and data. */
  stateDir: string
  node: NodeMode
  temporal: {
    /** `host:port` of the frontend. */
    address: string
    /** URL of the Web UI. */
    webUi: string
    namespace: string
  }
  postgres: {
    host: string
    port: number
    user: string
    password: string
    /** Connection string for a process on this machine. */
    url(database: string): string
    /** Connection string for a pod on the real node. */
    podUrl(database: string): string
    /** Creates the database if it is absent. */
    createDatabase(database: string): Promise<void>
  }
  /** Plain HTTP: `host` is `127.0.0.1:port`. Pulls of any other name on the real node go there too. */
  registry: { host: string }
  kubernetes: {
    /** Path of an administrator's kubeconfig. */
    kubeconfig: string
    /** URL of the API server. */
    server: string
    /** Path of the audit log, one JSON event a line. */
    auditLog: string
  }
  bin: { temporal: string; kubectl: string; crane: string }
  /** Ends one part, by default as a crash does (SIGKILL); its state is kept. */
  stop(part: PartName, signal?: NodeJS.Signals): Promise<void>
  /** Starts one part again and waits until it is healthy. */
  start(part: PartName): Promise<void>
}

/** A failure with a next step for the person who runs the stack; shown without a stack trace. */
export class StackError extends Error {
  override name = 'StackError'
}
