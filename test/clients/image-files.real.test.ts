import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { push } from '../../examples/hub/image/push'
import type { Blob } from '../../examples/hub/image/layer'
import { createRegistry, hostLimits } from '../../src/clients/registry'
import type { ImageFilesOptions } from '../../src/clients/registry/image-files'
import { down, up, type Stack } from '../../stack'
import { blobOf, configOf, layerOf, sha256, type Entry } from './layers'

const registry = createRegistry({ registries: [], limits: hostLimits() })
const name = `image-files-${randomBytes(3).toString('hex')}`
let stack: Stack

beforeAll(async () => {
  stack = await up({ name, node: 'simulated', parts: ['registry'], yes: true, progress: () => undefined })
})
afterAll(async () => {
  await registry.close()
  await down(name, { purge: true, progress: () => undefined })
})

let tags = 0
const pushed = async (layers: Blob[], config: object = configOf()): Promise<string> =>
  push({ registry: stack.registry.host, repository: 'hub/ledger', tag: `t${(tags += 1)}`, layers, config })
const read = async (digest: string, options: ImageFilesOptions = {}) => {
  const files = await registry.imageFiles(`${stack.registry.host}/hub/ledger`, digest, options)
  if (!files) throw new Error('there is no such image')
  return files
}
/** The files of the layers in `/opt/app/migrations`, by name. */
const filesOf = async (layers: Entry[][], options: ImageFilesOptions = {}) => {
  const digest = await pushed(await Promise.all(layers.map((entries) => layerOf(entries))))
  return (await read(digest, { path: 'migrations', ...options })).folders[0]?.files ?? []
}
const at = (file: string): string => `opt/app/migrations/${file}`

test('files are listed and hashed as the layers leave them: an upper layer edits, removes and empties', async () => {
  const files = await filesOf([
    [
      [at('100_a.js'), 'a'],
      [at('200_b.js'), 'b'],
      [at('300_c.js'), 'c'],
      ['opt/app/old/x.js', 'x'],
    ],
    [
      [at('200_b.js'), 'b, edited'],
      [at('.wh.300_c.js'), ''],
      ['./opt/app/migrations/400_d.js', 'd'],
    ],
  ])
  expect(files).toEqual([
    { name: '100_a.js', sha256: sha256('a') },
    { name: '200_b.js', sha256: sha256('b, edited') },
    { name: '400_d.js', sha256: sha256('d') },
  ])
})

test.each<[string, Entry[], string[]]>([
  [
    'an opaque folder keeps only what its own layer brings',
    [
      [at('900_z.js'), 'z'],
      [at('.wh..wh..opq'), ''],
    ],
    ['900_z.js'],
  ],
  ['a whiteout of the folder removes all of it', [['opt/app/.wh.migrations', '']], []],
  ['a file in place of the folder removes all of it', [['opt/app/migrations', 'text']], []],
  ['a folder that comes again stays as it is', [{ name: 'opt/app/migrations/', type: 'directory' }], ['100_a.js']],
  ['a file of another kind in place of a migration removes it', [{ name: at('100_a.js'), type: 'fifo' }], []],
])('%s', async (_what, upper, names) => {
  const files = await filesOf([[[at('100_a.js'), 'a']], upper])
  expect(files.map((each) => each.name)).toEqual(names)
})

test('links are followed inside the image: a linked folder, file and hard link', async () => {
  const digest = await pushed([
    await layerOf([
      ['srv/db/100_a.js', 'a'],
      { name: 'srv/db/200_b.js', type: 'link', linkname: 'srv/db/100_a.js' },
      { name: 'srv/db/300_c.js', type: 'symlink', linkname: '../../srv/db/100_a.js' },
      { name: 'opt/app/migrations', type: 'symlink', linkname: '/srv/db' },
    ]),
    // Below a link of a lower layer.
    await layerOf([['opt/app/migrations/400_d.js', 'd']]),
  ])
  const a = sha256('a')
  expect((await read(digest)).folders.find(({ path }) => path === 'opt/app/migrations')?.files).toEqual([
    { name: '100_a.js', sha256: a },
    { name: '200_b.js', sha256: a },
    { name: '300_c.js', sha256: a },
    { name: '400_d.js', sha256: sha256('d') },
  ])
})

test('a link that leads out of the image has a name and no content; one that goes in a circle neither', async () => {
  const files = await filesOf([
    [
      { name: at('100_a.js'), type: 'symlink', linkname: '../../../../../../etc/passwd' },
      { name: at('200_b.js'), type: 'symlink', linkname: '200_b.js' },
      { name: at('300_c.js'), type: 'link', linkname: 'etc/passwd' },
    ],
  ])
  expect(files).toEqual([{ name: '100_a.js' }, { name: '200_b.js' }, { name: '300_c.js' }])
})

test('absolute names are taken from the root of the image', async () => {
  expect(await filesOf([[['/opt/app/migrations/100_a.js', 'a']]])).toEqual([{ name: '100_a.js', sha256: sha256('a') }])
})

test.each<[string, Entry, RegExp]>([
  ['a name', ['../../etc/cron.d/x.js', 'x'], /leads out of the image/],
  ['a hard link', { name: at('1.js'), type: 'link', linkname: '../../etc/shadow' }, /leads out of the image/],
  ['a whiteout', ['opt/app/.wh...', ''], /it removes/],
])('a layer in which %s leaves the root is refused', async (_what, entry, message) => {
  await expect(filesOf([[[at('100_a.js'), 'a'], entry]])).rejects.toMatchObject({
    code: 'REGISTRY_BAD_ANSWER',
    message: expect.stringMatching(message) as string,
  })
})

test('a bomb ends at the limit, however small it is packed', async () => {
  const tar = await layerOf([[at('100_a.js'), '\0'.repeat(64 * 1024 * 1024)]])
  expect(tar.content.byteLength).toBeLessThan(100_000)
  await expect(read(await pushed([tar]), { limits: { unpackedBytes: 8 * 1024 * 1024 } })).rejects.toMatchObject({
    code: 'REGISTRY_BAD_ANSWER',
    message: expect.stringContaining('unpacks to more than is read') as string,
  })
})

test.each<[string, ImageFilesOptions['limits']]>([
  ['entries', { entries: 2 }],
  ['files', { kept: 2 }],
])('too many %s are refused', async (_what, limits) => {
  const entries = [1, 2, 3].map((each): Entry => [at(`${each}.js`), 'x'])
  await expect(filesOf([entries.slice(0, 1), entries.slice(1)], { limits })).rejects.toMatchObject({
    code: 'REGISTRY_BAD_ANSWER',
  })
})

test.each<[string, () => Promise<Blob>, RegExp]>([
  ['no archive', () => Promise.resolve(blobOf(Buffer.alloc(2_048, 'x'))), /can't be unpacked/],
  [
    'cut off',
    async () => blobOf((await layerOf([[at('1.js'), randomBytes(9_000).toString('hex')]])).content.subarray(0, 5_000)),
    /can't be unpacked/,
  ],
  [
    'a gzip of nothing sensible',
    () => Promise.resolve(blobOf(gzipSync(Buffer.alloc(2_048, 'x')))),
    /can't be unpacked/,
  ],
])('a layer that is %s is refused and not asked for twice', async (_what, make, message) => {
  const digest = await pushed([await make()])
  const before = Object.values(registry.requests())[0] ?? 0
  await expect(read(digest)).rejects.toMatchObject({
    code: 'REGISTRY_BAD_ANSWER',
    message: expect.stringMatching(message) as string,
  })
  // Manifest, config and layer.
  expect((Object.values(registry.requests())[0] ?? 0) - before).toBe(3)
})

test('an uncompressed layer is read as it is, and an empty one too', async () => {
  const digest = await pushed([await layerOf([[at('100_a.js'), 'a']], { packed: false }), blobOf(Buffer.alloc(0))])
  expect((await read(digest)).folders).toEqual([
    { path: 'opt/app/migrations', files: [{ name: '100_a.js', sha256: sha256('a') }] },
  ])
})

test('contents come only when asked for, and libraries only by their path', async () => {
  const layers = [
    await layerOf([
      [at('100_a.js'), 'a'],
      ['opt/app/node_modules/lib/migrations/100_x.js', 'x'],
      ['opt/app/config/knexfile.js', 'module.exports = {}'],
    ]),
  ]
  const digest = await pushed(layers)
  const found = await read(digest)
  expect(found.folders.map(({ path }) => path)).toEqual(['opt/app/config', 'opt/app/migrations'])
  expect(found.knexfiles).toEqual([{ path: 'opt/app/config/knexfile.js', text: 'module.exports = {}' }])
  expect(found.workingDirectory).toBe('opt/app')
  const [folder] = (await read(digest, { bodies: true, path: '/opt/app/node_modules/lib/migrations' })).folders
  expect(folder?.files).toEqual([{ name: '100_x.js', sha256: sha256('x'), body: Buffer.from('x') }])
})

test('an image that is not there is undefined', async () => {
  const digest = `sha256:${'0'.repeat(64)}`
  expect(await registry.imageFiles(`${stack.registry.host}/hub/ledger`, digest)).toBeUndefined()
})
