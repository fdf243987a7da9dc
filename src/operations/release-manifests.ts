import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { RefitError, sentenceOf } from '../domain/errors'
import { compareManifests, type Manifest, type ManifestComparison } from '../domain/manifest-diff'

/** A chart that `helm template` renders, with its values. */
export interface Chart {
  folder: string
  values: string[]
}

const maxBytes = 64 * 1024 * 1024
const helmTimeoutMs = 60_000

/** Compares manifests rendered old and new, each a file or a folder of YAML files. RELEASE_INVALID names what can't be read. */
export function compareRendered(before: string, after: string): ManifestComparison {
  return compareManifests(manifestsIn(before), manifestsIn(after))
}

/** Renders two charts with `helm template` and compares what comes out. USAGE where helm is not on PATH. */
export async function compareCharts(before: Chart, after: Chart, env: NodeJS.ProcessEnv): Promise<ManifestComparison> {
  const [old, now] = await Promise.all([render(before, env), render(after, env)])
  return compareManifests(parseManifests(old, before.folder), parseManifests(now, after.folder))
}

function manifestsIn(path: string): Manifest[] {
  const files = filesIn(path)
  if (files.length === 0)
    throw invalid(
      `${path} holds no .yaml, .yml or .json file`,
      'Render the chart into it first: helm template … > FILE.',
    )
  return files.flatMap((file) => parseManifests(readText(file), file))
}

function filesIn(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .sort()
      .map((name) => join(path, name))
  } catch (error) {
    throw unreadable(path, error)
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** Every object of a multi-document YAML text, lists taken apart; what has no kind and name is a problem. */
export function parseManifests(text: string, from: string): Manifest[] {
  const documents = parseAllDocuments(text, { prettyErrors: true })
  const all = 'empty' in documents ? [] : documents
  const errors = all.flatMap((document) => document.errors.map(({ message }) => message.split('\n')[0] ?? ''))
  if (errors.length > 0) throw invalid(`${from}: ${errors.join('; ')}`, 'Correct the manifests.')
  return all.flatMap((document) => objectsIn(document.toJS({ maxAliasCount: 100 }), from))
}

function objectsIn(value: unknown, from: string): Manifest[] {
  if (value === null || value === undefined) return []
  const { kind, items, metadata } = value as { kind?: unknown; items?: unknown; metadata?: { name?: unknown } }
  if (Array.isArray(items) && typeof kind === 'string' && kind.endsWith('List'))
    return items.flatMap((item) => objectsIn(item, from))
  if (typeof kind !== 'string' || typeof metadata?.name !== 'string')
    throw invalid(
      `${from} holds something that is no Kubernetes object`,
      'Every document needs kind and metadata.name.',
    )
  return [value as Manifest]
}

async function render({ folder, values }: Chart, env: NodeJS.ProcessEnv): Promise<string> {
  const args = ['template', 'release', folder, ...values.flatMap((file) => ['--values', file])]
  try {
    const { stdout } = await promisify(execFile)('helm', args, { env, timeout: helmTimeoutMs, maxBuffer: maxBytes })
    return stdout
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT')
      throw new RefitError(
        'USAGE',
        'helm is not on PATH.',
        'Render both charts where it is (helm template … > FILE), and give --old-manifests and --new-manifests.',
      )
    const words = (stderr?.trim() || sentenceOf(error)).split('\n').slice(0, 3).join(' ')
    throw invalid(`helm template ${folder}: ${words}`, 'Correct the chart or its values.')
  }
}

const unreadable = (path: string, error: unknown): RefitError =>
  invalid(
    `${path} can't be read (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`,
    'Name a file or a folder.',
  )

const invalid = (message: string, next: string): RefitError => new RefitError('RELEASE_INVALID', `${message}.`, next)
