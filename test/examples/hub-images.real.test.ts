import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import semver from 'semver'
import { buildAndPush } from '../../examples/hub/images'
import { releaseName, RELEASES } from '../../examples/hub/releases'
import type { Stack } from '../../stack'
import { testStack } from './support'

// The first stack on a machine builds its registry from source.
jest.setTimeout(300_000)

let stack: Stack
let remove: () => Promise<void>
let cacheDir: string

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'hub-cache-'))
  ;({ stack, remove } = await testStack(['registry']))
})
afterAll(async () => {
  await remove()
  await rm(cacheDir, { recursive: true, force: true })
})

test('every release is an image of its own, and building it again gives the same digest', async () => {
  const { host: registry } = stack.registry
  const digests = await buildAndPush({ registry, cacheDir })
  expect(Object.keys(digests)).toEqual(RELEASES.map(releaseName))
  expect(new Set(Object.values(digests)).size).toBe(RELEASES.length)
  expect(await buildAndPush({ registry, cacheDir })).toEqual(digests)

  const { tags } = (await json(`http://${registry}/v2/hub/ledger/tags/list`)) as { tags: string[] }
  expect(tags.sort(semver.compare)).toEqual(
    RELEASES.filter(({ service }) => service === 'ledger').map(({ tag }) => tag),
  )
  const labels = await configLabels(registry, 'v1.1.0')
  expect(labels).toMatchObject({
    'org.opencontainers.image.version': 'v1.1.0',
    'org.opencontainers.image.created': '2026-01-15T00:00:00.000Z',
  })
})

test('only the image that is to be missing lacks a layer', async () => {
  const { host: registry } = stack.registry
  await buildAndPush({ registry, cacheDir, tags: ['ledger:v1.0.3', 'ledger:v1.0.4'] })
  expect(await layersFound(registry, 'v1.0.3')).toEqual([true, true])
  expect(await layersFound(registry, 'v1.0.4')).toEqual([true, false])
})

async function layersFound(registry: string, tag: string): Promise<boolean[]> {
  const { layers } = await manifest(registry, tag)
  const heads = layers.map(({ digest }) =>
    fetch(`http://${registry}/v2/hub/ledger/blobs/${digest}`, { method: 'HEAD' }),
  )
  return (await Promise.all(heads)).map(({ ok }) => ok)
}

async function configLabels(registry: string, tag: string): Promise<Record<string, string>> {
  const { config } = await manifest(registry, tag)
  const blob = (await json(`http://${registry}/v2/hub/ledger/blobs/${config.digest}`)) as {
    config: { Labels: Record<string, string> }
  }
  return blob.config.Labels
}

async function manifest(registry: string, tag: string) {
  const url = `http://${registry}/v2/hub/ledger/manifests/${tag}`
  return (await json(url)) as { config: { digest: string }; layers: { digest: string }[] }
}

async function json(url: string): Promise<unknown> {
  const response = await fetch(url, { headers: { Accept: 'application/vnd.oci.image.manifest.v1+json' } })
  return response.json()
}
