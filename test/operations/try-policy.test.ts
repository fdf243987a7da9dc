import { RefitError } from '../../src/domain/errors'
import { tryPolicy, type Trial } from '../../src/operations/try-policy'
import { fakeRegistry } from './support'

const trial = (more: Partial<Trial>): Trial => ({
  ...{ current: 'v1.0.0', strategy: 'bugfix', prerelease: 'none', hotfixes: false },
  ...more,
})
const never = () => Promise.reject(new Error('no registry is asked'))
const saved = (text: string, more: Partial<Trial> = {}) => tryPolicy(never, trial({ saved: text, ...more }))

describe('a policy is tried', () => {
  test.each([
    ['a tag a line', 'v1.0.0\r\nv1.0.1\n\nv1.1.0\n'],
    ['a JSON array', '["v1.0.0", "v1.0.1", "v1.1.0"]'],
    ['what a registry answers', '{"name": "hub/ledger", "tags": ["v1.0.0", "v1.0.1", "v1.1.0"]}'],
  ])('on %s, without any registry', async (_, text) => {
    expect(await saved(text)).toMatchObject({
      image: null,
      current: 'v1.0.0',
      strategy: 'bugfix',
      chosen: 'v1.0.1',
      tags: [{ tag: 'v1.1.0', verdict: 'outside-strategy' }, { tag: 'v1.0.1', verdict: 'chosen' }, { tag: 'v1.0.0' }],
    })
  })

  test.each(['["v1", 2]', '{"tags": "v1"}', '[', '{}'])('%s is no list', async (text) => {
    await expect(saved(text)).rejects.toMatchObject({ code: 'USAGE' })
  })

  test('on the live list of an image', async () => {
    const registry = () => Promise.resolve(fakeRegistry())
    const image = 'registry.example.org/hub/ledger'
    expect(await tryPolicy(registry, trial({ image, strategy: 'major' }))).toMatchObject({ image, chosen: 'v2.0.0' })
  })

  test('a list that can not be read is an error, not an empty list', async () => {
    const away = fakeRegistry([], {
      listTags: () => Promise.reject(new RefitError('REGISTRY_UNAVAILABLE', 'away', 'Try again.')),
    })
    const live = trial({ image: 'registry.example.org/hub/ledger' })
    await expect(tryPolicy(() => Promise.resolve(away), live)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
  })

  test('on nothing it is an error', async () => {
    await expect(tryPolicy(never, trial({}))).rejects.toMatchObject({ code: 'USAGE' })
  })

  test.each([
    ['{ range: "^1" }', 'v1.1.0'],
    ['{ filter: "^v1\\\\.0\\\\.([0-9]+)$", extract: "$1", order: numerical }', 'v1.0.1'],
    ['patch', null],
  ])('with strategy %s', async (strategy, chosen) => {
    expect((await saved('v1.0.0 v1.0.1 v1.1.0', { strategy })).chosen).toBe(chosen)
  })

  test('with hot-fixes and a channel', async () => {
    const list = 'v1.0.0 v1.0.1 v1.0.1.2 v1.0.2-snapshot.3'
    expect((await saved(list, { hotfixes: true })).chosen).toBe('v1.0.1.2')
    expect((await saved(list, { prerelease: 'snapshot' })).chosen).toBe('v1.0.2-snapshot.3')
  })

  test.each(['fast', '{ range: 7 }', '{', '{ filter: "(", order: semver }'])(
    'strategy %s is an error',
    async (strategy) => {
      await expect(saved('v1.0.0', { strategy })).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining(strategy),
      })
    },
  )

  test.each([
    ['fast', 'it must be patch, bugfix, minor, major, digest, release'],
    ['{ range: 7 }', 'range must be a semver range'],
    ['{ rang: ^1 }', 'rang is not a known key; did you mean range?'],
    ['{ filter: "(", order: newest }', 'order must be semver, numerical, calver or alphabetical; filter is no regular'],
  ])('strategy %s: %s', async (strategy, words) => {
    await expect(saved('v1.0.0', { strategy })).rejects.toMatchObject({ message: expect.stringContaining(words) })
  })

  test('strategy release is refused, because it means nothing without a hub', async () => {
    await expect(saved('v1.0.0', { strategy: 'release' })).rejects.toMatchObject({
      ...{ code: 'USAGE', message: 'Strategy release needs a hub.', next: 'Try the other strategies.' },
    })
  })
})
