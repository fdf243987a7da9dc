import { createHash } from 'node:crypto'
import { arch } from 'node:process'
import { nodeBase, NODE_PATH, USER, type Base } from './image/base'
import { bundle, type Files } from './image/bundle'
import { layer } from './image/layer'
import { commitOf } from '../../scripts/release/commits'
import { labelsOf } from '../../scripts/release/labels'
import { type Notes, notesOf } from '../../scripts/release/notes'
import { deleteBlob, push } from './image/push'
import { findRelease, releaseName, RELEASES, type Release } from './releases'

const BASE_REPOSITORY = 'base/node'
const FIRST_RELEASE_DAY = Date.UTC(2026, 0, 5)
const DAY = 24 * 60 * 60 * 1000

export interface BuildOptions {
  /** host:port of a registry without TLS, e.g. 127.0.0.1:5000 */
  registry: string
  /** where the base layer is kept between runs */
  cacheDir: string
  /** `ledger:v1.0.1`, …; all releases when left out */
  tags?: string[]
  /** these instead, which are no part of the story */
  releases?: Release[]
  progress?: (line: string) => void
}

/** Builds the releases and pushes them as REGISTRY/hub/SERVICE:TAG; returns name → digest. Repeatable: same digests. */
export async function buildAndPush(options: BuildOptions): Promise<Record<string, string>> {
  const progress = options.progress ?? (() => undefined)
  const base = await nodeBase(options.cacheDir)
  await pushBase(options.registry, base)
  progress(`${BASE_REPOSITORY}:${process.version} (${Math.round(base.layer.content.length / 1e6)} MB)`)

  const digests: Record<string, string> = {}
  for (const release of options.releases ?? options.tags?.map(findRelease) ?? RELEASES) {
    const digest = await pushRelease(options.registry, base, release)
    digests[releaseName(release)] = digest
    progress(`hub/${releaseName(release)} ${digest}`)
  }
  return digests
}

async function pushBase(registry: string, base: Base): Promise<void> {
  await push({
    registry,
    repository: BASE_REPOSITORY,
    tag: process.version,
    layers: [base.layer],
    config: imageConfig(base, [base.layer.digest], new Date(0).toISOString(), { Entrypoint: [NODE_PATH] }),
  })
}

async function pushRelease(registry: string, base: Base, release: Release): Promise<string> {
  const files = await bundle(release)
  const app = await layer(
    Object.entries(files).map(([path, content]) => ({ path: `app/${path}`, content, mode: 0o644 })),
  )
  const created = createdAt(release)
  const repository = `hub/${release.service}`
  const digest = await push({
    registry,
    repository,
    tag: release.tag,
    mountFrom: BASE_REPOSITORY,
    layers: [base.layer, app],
    config: imageConfig(base, [base.layer.digest, app.digest], created, {
      Entrypoint: ['node', `/app/${release.service}.js`],
      WorkingDir: '/app',
      Labels: {
        ...labelsOf(
          { title: `hub/${release.service}`, source: '', revision: revision(files), created },
          notes(release),
        ),
        'org.opencontainers.image.description': release.note,
      },
    }),
  })
  if (release.behaviour === 'missing-image') await deleteBlob({ registry, repository }, app.digest)
  return digest
}

/** As a release from a repository of its own would have them. */
const notes = ({ tag, note, migrations }: Release): Notes =>
  notesOf(tag, [commitOf('', `${tag.endsWith('.0') ? 'feat' : 'fix'}: ${note}`)], migrations)

function imageConfig(base: Base, layers: string[], created: string, config: object): object {
  return {
    created,
    architecture: arch === 'x64' ? 'amd64' : arch,
    os: 'linux',
    config: {
      User: `${USER}:${USER}`,
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', `LD_LIBRARY_PATH=${base.libraryDirectories.join(':')}`],
      ...config,
    },
    rootfs: { type: 'layers', diff_ids: layers },
    history: layers.map(() => ({ created, created_by: 'examples/hub/images.ts' })),
  }
}

/** A made-up but fixed date, a day apart in the order of the story, so that builds repeat exactly. */
const createdAt = (release: Release): string =>
  new Date(FIRST_RELEASE_DAY + RELEASES.indexOf(release) * DAY).toISOString()

function revision(files: Files): string {
  const hash = createHash('sha256')
  for (const [path, content] of Object.entries(files).sort()) hash.update(path).update(content)
  return hash.digest('hex').slice(0, 12)
}
