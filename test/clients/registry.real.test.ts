import { createHash, randomBytes } from 'node:crypto'
import { allTags } from '../../src/clients/all-tags'
import { createRegistry, hostLimits } from '../../src/clients/registry'
import { down, up, type Stack } from '../../stack'

const registry = createRegistry({ registries: [], limits: hostLimits() })
const name = `registry-${randomBytes(3).toString('hex')}`
let stack: Stack
let base: string
let repository: string

beforeAll(async () => {
  stack = await up({ name, node: 'simulated', parts: ['registry'], yes: true, progress: () => undefined })
  base = `http://${stack.registry.host}/v2/hub/ledger`
  repository = `${stack.registry.host}/hub/ledger`
})
afterAll(() => down(name, { purge: true }))

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`
const index = 'application/vnd.oci.image.index.v1+json'

/** An image index without platforms: the smallest thing that has a tag and a digest. */
async function push(tag: string, note = tag): Promise<string> {
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: index, manifests: [], annotations: { note } })
  const headers = { 'content-type': index }
  const response = await fetch(`${base}/manifests/${tag}`, { method: 'PUT', headers, body: manifest })
  expect(response.status).toBe(201)
  return sha256(manifest)
}

test('a repository that was never pushed is not found', async () => {
  await expect(registry.listTags(repository)).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' })
  expect(await registry.digestOf(repository, 'v1.0.0')).toBeUndefined()
})

test('tags and digests are those that were pushed; a tag that was pushed again has the new digest', async () => {
  const digests = [await push('v1.0.0'), await push('v1.0.1')]
  expect((await allTags(registry, repository)).tags.sort()).toEqual(['v1.0.0', 'v1.0.1'])
  expect([await registry.digestOf(repository, 'v1.0.0'), await registry.digestOf(repository, 'v1.0.1')]).toEqual(
    digests,
  )

  const again = await push('v1.0.0', 'another build')
  expect(again).not.toBe(digests[0])
  expect(await registry.digestOf(repository, 'v1.0.0')).toBe(again)
  expect(await registry.digestOf(repository, 'v9.9.9')).toBeUndefined()
})

test('more tags than fit a page are all read', async () => {
  const tags = Array.from({ length: 1_030 }, (_, number) => `v2.0.${number}`)
  for (let from = 0; from < tags.length; from += 50)
    await Promise.all(tags.slice(from, from + 50).map((tag) => push(tag, 'the same')))
  const { tags: read } = await allTags(registry, repository)
  expect(read).toEqual(expect.arrayContaining(tags))
  expect(new Set(read).size).toBe(read.length)
})

test('a registry that is away is unavailable, and read again when it is back', async () => {
  await stack.stop('registry')
  const away = { code: 'REGISTRY_UNAVAILABLE', retryable: true }
  await expect(registry.listTags(repository)).rejects.toMatchObject(away)
  await stack.start('registry')
  expect((await allTags(registry, repository)).tags).toContain('v1.0.1')
})
