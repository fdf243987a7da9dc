import diff, { type Difference } from 'microdiff'
import { formatImage, parseImage } from './image'

/** A Kubernetes object as it stands in rendered manifests. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
  [key: string]: unknown
}

export interface ManifestComparison {
  /** image path → the tag that it moves to */
  images: Record<string, string>
  /** what else differs, one line each, object by object */
  differences: string[]
  problems: string[]
}

/** They name the chart's version and change with each; they configure nothing. */
const versionLabels = ['helm.sh/chart', 'app.kubernetes.io/version', 'chart']
const maxShown = 80

/** What moves between two renderings of a chart: images, and everything else. */
export function compareManifests(before: readonly Manifest[], after: readonly Manifest[]): ManifestComparison {
  const [old, now] = [byName(before), byName(after)]
  const differences: string[] = []
  for (const name of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [was, is] = [old.get(name), now.get(name)]
    if (was && is) differences.push(...changesOf(was, is).map((change) => `${name}: ${change}`))
    else differences.push(`${name}: ${is ? 'is new' : 'is gone'}`)
  }
  return { ...movedImages(before, after), differences }
}

function byName(manifests: readonly Manifest[]): Map<string, Manifest> {
  return new Map(
    manifests.map((each) => [
      `${each.kind} ${each.metadata.namespace ? `${each.metadata.namespace}/` : ''}${each.metadata.name}`,
      each,
    ]),
  )
}

const changesOf = (was: Manifest, is: Manifest): string[] =>
  diff(comparable(was) as Record<string, unknown>, comparable(is) as Record<string, unknown>).map(wordsOf)

/** Lists of named things are compared by name, images without their version, and no chart versions. */
function comparable(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const names = value.map((each: unknown) =>
      typeof each === 'object' && each !== null ? (each as { name?: unknown }).name : undefined,
    )
    const named = names.every((name) => typeof name === 'string') && new Set(names).size === names.length
    return named && value.length > 0
      ? Object.fromEntries(value.map((each, i) => [names[i] as string, comparable(each)]))
      : value.map((each) => comparable(each))
  }
  if (typeof value !== 'object' || value === null)
    return key === 'image' && typeof value === 'string' ? (parseImage(value)?.repository ?? value) : value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !((key === 'labels' || key === 'matchLabels') && versionLabels.includes(name)))
      .map(([name, each]) => [name, comparable(each, name)]),
  )
}

function wordsOf(change: Difference): string {
  const path = change.path.join('.')
  switch (change.type) {
    case 'CREATE':
      return `${path} is new (${short(change.value)})`
    case 'REMOVE':
      return `${path} is gone (it was ${short(change.oldValue)})`
    case 'CHANGE':
      return `${path} changes from ${short(change.oldValue)} to ${short(change.value)}`
  }
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > maxShown ? `${text.slice(0, maxShown - 1)}…` : text
}

function movedImages(
  before: readonly Manifest[],
  after: readonly Manifest[],
): Pick<ManifestComparison, 'images' | 'problems'> {
  const [old, now] = [tagsIn(before), tagsIn(after)]
  const images: Record<string, string> = {}
  const problems: string[] = []
  for (const [path, tags] of now) {
    const was = old.get(path)
    const moved = [...tags].filter((tag) => !was?.has(tag))
    if (!was || moved.length === 0) continue
    if (tags.size > 1) problems.push(`${path} has several tags in the new manifests: ${[...tags].sort().join(', ')}`)
    else images[path] = moved[0] as string
  }
  return { images, problems }
}

/** The tags of each image path, wherever a field `image` stands. */
function tagsIn(manifests: readonly Manifest[]): Map<string, Set<string>> {
  const tags = new Map<string, Set<string>>()
  const visit = (value: unknown, key = ''): void => {
    if (typeof value === 'string' && key === 'image') {
      const image = parseImage(value)
      if (image) tags.set(image.path, (tags.get(image.path) ?? new Set()).add(image.tag ?? formatImage(image)))
    } else if (Array.isArray(value)) for (const each of value) visit(each)
    else if (typeof value === 'object' && value !== null)
      for (const [name, each] of Object.entries(value)) visit(each, name)
  }
  for (const manifest of manifests) visit(manifest)
  return tags
}
