import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Blob } from '../../examples/hub/image/layer'
import { createRegistry, hostLimits } from '../../src/clients/registry'
import { blobOf, configOf, layerOf, sha256 } from './layers'
import { startServer, type TestServer } from './registry-server'

let server: TestServer
let storage: TestServer
let repository: string
beforeAll(async () => {
  server = await startServer()
  storage = await startServer()
  repository = `${server.host}/hub/ledger`
})
afterAll(() => Promise.all([server.close(), storage.close()]))
let registry: ReturnType<typeof createRegistry>
beforeEach(() => (registry = createRegistry({ registries: [], limits: hostLimits() })))
afterEach(() => registry.close())

const json = (value: unknown): Blob => blobOf(Buffer.from(JSON.stringify(value)))
const gzipLayer = 'application/vnd.oci.image.layer.v1.tar+gzip'

/** An image of one layer, and what answers for it; `answerLayer` has the layer's requests to itself. */
function image(
  layer: Blob,
  { mediaType = gzipLayer, answerLayer }: { mediaType?: string; answerLayer?: (response: ServerResponse) => void } = {},
): string {
  const config = json(configOf())
  const manifest = json({
    schemaVersion: 2,
    config: { digest: config.digest },
    layers: [{ digest: layer.digest, mediaType }],
  })
  const kept = new Map([config, manifest, layer].map(({ digest, content }) => [digest, content]))
  server.answer((request: IncomingMessage, response) => {
    const digest = /sha256:[0-9a-f]{64}$/.exec(request.url ?? '')?.[0] ?? ''
    if (digest === layer.digest && answerLayer) answerLayer(response)
    else response.end(kept.get(digest))
  })
  return manifest.digest
}

const one = () => layerOf([['opt/app/migrations/100_a.js', 'a']])
const found = [{ path: 'opt/app/migrations', files: [{ name: '100_a.js', sha256: sha256('a') }] }]

test('a layer that the registry keeps elsewhere is fetched there without credentials', async () => {
  const layer = await one()
  storage.answer((request, response) => {
    expect(request.headers.authorization).toBeUndefined()
    response.end(layer.content)
  })
  const digest = image(layer, {
    answerLayer: (response) => response.writeHead(307, { location: `http://${storage.host}/blob?signed` }).end(),
  })
  expect((await registry.imageFiles(repository, digest))?.folders).toEqual(found)
  expect(storage.requests).toEqual(['GET /blob?signed'])
})

test('a layer whose connection breaks is read once more, from its beginning', async () => {
  const layer = await layerOf([['opt/app/migrations/100_a.js', 'a']], { packed: false })
  let asked = 0
  const digest = image(layer, {
    answerLayer: (response) => {
      asked += 1
      if (asked > 1) return response.end(layer.content)
      response.writeHead(200, { 'content-length': layer.content.byteLength })
      response.write(layer.content.subarray(0, 1_024), () => response.destroy())
      return response
    },
  })
  expect((await registry.imageFiles(repository, digest))?.folders).toEqual(found)
  expect(asked).toBe(2)
})

test('a layer that is not what its digest says is refused', async () => {
  const other = await layerOf([['opt/app/migrations/100_a.js', 'another']])
  const digest = image(await one(), { answerLayer: (response) => response.end(other.content) })
  await expect(registry.imageFiles(repository, digest)).rejects.toMatchObject({
    code: 'REGISTRY_BAD_ANSWER',
    message: expect.stringContaining('does not hash to its digest') as string,
  })
})

test.each([
  ['application/vnd.oci.image.layer.v1.tar+gzip+encrypted', 'none that can be read'],
  ['application/vnd.in-toto+json', 'none that can be read'],
])('a layer of the kind %s is refused', async (mediaType, message) => {
  await expect(registry.imageFiles(repository, image(await one(), { mediaType }))).rejects.toMatchObject({
    code: 'REGISTRY_BAD_ANSWER',
    message: expect.stringContaining(message) as string,
  })
})

test('a layer that the registry lacks is refused, and says which', async () => {
  const layer = await one()
  const digest = image(layer, { answerLayer: (response) => response.writeHead(404).end() })
  await expect(registry.imageFiles(repository, digest)).rejects.toMatchObject({
    code: 'REGISTRY_BAD_ANSWER',
    message: expect.stringContaining(`${layer.digest} is missing`) as string,
  })
})

test('zstd is unpacked by Node, or refused with what would unpack it', async () => {
  const layer = blobOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0]))
  await expect(
    registry.imageFiles(repository, image(layer, { mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' })),
  ).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER', message: expect.stringContaining(layer.digest) as string })
})
