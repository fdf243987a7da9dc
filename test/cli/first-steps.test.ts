/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openParts } from '../../src/cli/parts'
import { parseConfig } from '../../src/config'
import { RefitError } from '../../src/domain/errors'
import { fakeKubernetes, fakeRegistry } from '../operations/support'
import { refit } from './support'

const folder = mkdtempSync(join(tmpdir(), 'refit-first-steps-'))
const image = 'registry.example.org/hub/ledger'

describe('refit init', () => {
  test('prints what it would write, and opens nothing but the cluster', async () => {
    const run = await refit('init --stdout --hub green-hub --environment production')
    expect(run).toMatchObject({ code: 0, opened: ['kubernetes'] })
    expect(parseConfig({ text: run.out, name: 'refit.yaml', env: {} })).toMatchObject({
      hub: { name: 'green-hub', environment: 'production' },
      policies: [{ name: 'hub', mode: 'watch' }],
    })
    expect((await refit('init --stdout -o json')).json()).toMatchObject({
      namespaces: ['hub'],
      services: [{ namespace: 'hub', service: 'ledger', running: ['v1.0.0'] }],
      text: expect.stringContaining('policies:'),
    })
  })

  test('writes the file, once', async () => {
    const file = join(folder, 'new.yaml')
    expect(await refit(`init --config ${file}`)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/new\.yaml: 1 services in hub, all in mode watch\nnext: refit doctor, which says/),
    })
    writeFileSync(file, 'by hand')
    expect(await refit(`init --config ${file}`)).toMatchObject({ code: 2, err: expect.stringContaining('--force') })
    expect(readFileSync(file, 'utf8')).toBe('by hand')
    expect((await refit(`init --config ${file} --force -o json`)).json()).toMatchObject({ file, namespaces: ['hub'] })
    expect(readFileSync(file, 'utf8')).toContain('policies:')
  })

  test('exits 5 where nothing runs', async () => {
    const kubernetes = fakeKubernetes({ observeServices: async () => [] })
    expect((await refit('init --stdout --namespace empty', { kubernetes })).code).toBe(5)
  })
})

describe('refit policy try', () => {
  const file = join(folder, 'tags.txt')
  beforeAll(() => writeFileSync(file, 'v1.0.0\nv1.0.1\nv1.1.0\n'))

  test('on a file opens nothing', async () => {
    const run = await refit(`policy try --current v1.0.0 --tags ${file}`)
    expect(run).toMatchObject({ code: 0, opened: [] })
    expect(run.out).toMatch(/^bugfix from v1\.0\.0: v1\.0\.1\n\nTAG +VERDICT +WHY\nv1\.1\.0 +outside-strategy /)
    expect((await refit(`policy try --current v1.0.0 --tags ${file} -o json`)).json()).toMatchObject({
      image: null,
      chosen: 'v1.0.1',
    })
  })

  test('on the live list opens only the registry', async () => {
    const run = await refit(`policy try --image ${image} --current v1.0.0 --strategy major`)
    expect(run).toMatchObject({ code: 0, opened: ['registry'], out: expect.stringContaining('v1.0.0: v2.0.0') })
    const none = await refit(`policy try --image ${image} --current v2.0.0`)
    expect(none.out).toContain('nothing newer is allowed')
  })

  test('shows the newest tags, or all', async () => {
    const registry = fakeRegistry(Array.from({ length: 40 }, (_, i) => `v1.0.${i}`))
    const line = `policy try --image ${image} --current v1.0.0`
    expect((await refit(line, { registry })).out).toContain('… and 10 more: --all')
    expect((await refit(`${line} --all`, { registry })).out).toMatch(/\nv1\.0\.1 /)
  })

  test.each([
    ['no running tag', `policy try --image ${image}`, 2],
    ['no list', 'policy try --current v1.0.0', 2],
    ['a file that is not there', `policy try --current v1.0.0 --tags ${join(folder, 'nothing')}`, 2],
    ['a strategy that is none', `policy try --current v1.0.0 --strategy fast --tags ${join(folder, 'tags.txt')}`, 2],
  ])('%s exits 2', async (_, line, code) => {
    expect(await refit(line)).toMatchObject({ code, out: '', err: expect.stringContaining('error: ') })
  })

  test('a registry that is away exits 1, an image that it does not have 5', async () => {
    const failing = (error: RefitError) => fakeRegistry([], { listTags: () => Promise.reject(error) })
    const line = `policy try --image ${image} --current v1.0.0 -o json`
    const away = await refit(line, { registry: failing(new RefitError('REGISTRY_UNAVAILABLE', 'away', 'Try again.')) })
    expect(away.code).toBe(1)
    expect(away.json()).toMatchObject({ error: { code: 'REGISTRY_UNAVAILABLE' } })
    expect(
      (await refit(line, { registry: failing(new RefitError('REGISTRY_NOT_FOUND', 'none', 'Try again.')) })).code,
    ).toBe(5)
  })
})

describe('a registry is opened', () => {
  const opening = async (configFile: string) => {
    const parts = openParts({ env: {}, configFile })
    return parts.registry().finally(() => parts.close())
  }

  test('without rules where there is no refit.yaml, and without a store', async () => {
    await expect(opening(join(folder, 'nowhere.yaml'))).resolves.toBeDefined()
  })

  test('not past a refit.yaml that is wrong or can not be read', async () => {
    const file = join(folder, 'wrong.yaml')
    writeFileSync(file, 'hub: 7\n')
    await expect(opening(file)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(opening(folder)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})
