import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import semver from 'semver'
import { push } from '../examples/hub/image/push'

const run = promisify(execFile)

/** A repository of the bench: what it is called, and which of its tags are images. */
export interface BenchRepository {
  path: string
  tagCount: number
  /** the two newest plain releases; the newest first */
  releases: [string, string]
}

/** Real tag lists, by image. */
async function tagLists(): Promise<string[][]> {
  const file = JSON.parse(await readFile(join(__dirname, 'fixtures/tag-lists.json'), 'utf8')) as Record<string, string>
  return Object.values(file).map((tags) => tags.split(' '))
}

/**
 * Fills a registry's storage with repositories that have the real lists, the longer ones in turn. A tag is a folder
 * there; only the two newest releases of each are images, because pushing 200,000 of them would take ten minutes. With
 * `tagsEach` every list is filled up to that length with pre-releases.
 */
export async function fillRegistry(
  { host, storage }: { host: string; storage: string },
  { repositories, tagsEach }: { repositories: number; tagsEach?: number },
): Promise<BenchRepository[]> {
  const lists = (await tagLists()).filter(({ length }) => length >= 44).map((tags) => filledUp(tags, tagsEach))
  const root = join(storage, 'docker/registry/v2/repositories')
  const prototypes = await Promise.all(
    lists.map(async (tags, index) => {
      const [newest = '', second = ''] = tags.filter((tag) => /^v\d+\.\d+\.\d+$/.test(tag)).sort(semver.rcompare)
      const path = `prototype/list-${index}`
      for (const tag of [newest, second]) await pushSmall(host, path, tag)
      for (const tag of tags) await mkdir(join(root, path, '_manifests/tags', tag), { recursive: true })
      return { path, tagCount: tags.length, releases: [newest, second] as [string, string] }
    }),
  )
  const made: BenchRepository[] = []
  for (let i = 0; i < repositories; i += 1) {
    const prototype = prototypes[i % prototypes.length] as BenchRepository
    const path = `bench/r${String(i).padStart(4, '0')}`
    await mkdir(join(root, 'bench'), { recursive: true })
    await run('cp', ['-r', join(root, prototype.path), join(root, path)])
    made.push({ ...prototype, path })
  }
  return made
}

function filledUp(tags: string[], length = 0): string[] {
  const more = Array.from({ length: Math.max(0, length - tags.length) }, (_, i) => `v99.0.0-snapshot.${i}`)
  return [...tags, ...more]
}

const pushSmall = (registry: string, repository: string, tag: string): Promise<string> =>
  push({
    registry,
    repository,
    tag,
    config: {
      ...{ architecture: 'amd64', os: 'linux', created: '2026-01-01T00:00:00Z' },
      config: { Labels: { 'org.opencontainers.image.version': tag } },
      rootfs: { type: 'layers', diff_ids: [] },
    },
    layers: [],
  })

/** One Deployment per repository, spread over namespaces; every second one runs the second newest release. */
export async function deploymentsOf(
  host: string,
  repositories: readonly BenchRepository[],
  folder: string,
): Promise<{ file: string; namespaces: string[] }> {
  const namespaceOf = (index: number): string => `bench-${Math.floor(index / 100)}`
  const namespaces = [...new Set(repositories.map((_, index) => namespaceOf(index)))]
  const items = [
    ...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...repositories.map(({ path, releases }, index) => {
      const name = path.replace('bench/', '')
      return {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace: namespaceOf(index) },
        spec: {
          replicas: 1,
          selector: { matchLabels: { app: name } },
          template: {
            metadata: { labels: { app: name } },
            spec: { containers: [{ name, image: `${host}/${path}:${releases[index % 2]}` }] },
          },
        },
      }
    }),
  ]
  const file = join(folder, 'deployments.json')
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  return { file, namespaces }
}
