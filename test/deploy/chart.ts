import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { buildBinaries } from '../../stack'

export const chartFolder = join(__dirname, '../../deploy/chart/refit')

export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; annotations?: Record<string, string>; labels?: Record<string, string> }
  spec?: Record<string, unknown>
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }[]
  data?: Record<string, string>
}

/** A refit.yaml that only watches. */
export const watching = `hub: { name: test-hub, environment: test }
policies: [{ name: all, select: { namespaces: [hub], images: ['*'] } }]
`

/** Helm over the chart, with values as an object. */
export interface Helm {
  run(...args: string[]): Promise<string>
  /** the manifests, those of hooks too; rejects with what helm says */
  template(values: object, release?: string): Promise<Manifest[]>
  /** a file with the values */
  valuesFile(values: object): Promise<string>
  close(): Promise<void>
}

export async function openHelm(kubeconfig?: string): Promise<Helm> {
  const { helm = '' } = await buildBinaries(['helm'], () => undefined)
  const folder = await mkdtemp(join(tmpdir(), 'refit-chart-'))
  const env = { PATH: process.env.PATH, HOME: folder, ...(kubeconfig ? { KUBECONFIG: kubeconfig } : {}) }
  const run = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(helm, args, { env, maxBuffer: 8 * 1024 * 1024 })).stdout
  let files = 0
  const renders = new Map<string, Promise<Manifest[]>>()
  const valuesFile = async (values: object): Promise<string> => {
    const file = join(folder, `values-${++files}.json`)
    await writeFile(file, JSON.stringify(values))
    return file
  }
  return {
    run,
    valuesFile,
    // Each takes a second or two on a busy machine.
    template: (values, release = 'refit') => {
      const key = JSON.stringify([values, release])
      const rendered = renders.get(key) ?? render(values, release)
      renders.set(key, rendered)
      return rendered
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }

  async function render(values: object, release: string): Promise<Manifest[]> {
    const file = await valuesFile(values)
    const flags = ['--namespace', 'refit', '--kube-version', 'v1.34.0', '--values', file]
    const documents = parseAllDocuments(await run('template', release, chartFolder, ...flags))
    return documents.flatMap((document) => {
      if (!('errors' in document)) return []
      if (document.errors.length > 0) throw document.errors[0] as Error
      return (document.toJS() as Manifest | null) ?? []
    })
  }
}
