/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { parseConfig } from '../../src/config'
import { RefitError } from '../../src/domain/errors'
import { digest, fakeRegistry } from '../operations/support'
import { refit } from './support'

const config = {
  ...parseConfig({
    name: 'refit.yaml',
    env: {},
    text: "hub: { name: green-hub, environment: test }\npolicies: [{ name: core, select: { namespaces: [hub], images: ['*/hub/*'] } }]",
  }),
  billOfMaterials: {
    product: 'Hub',
    releases: {
      '1.0.0': { 'hub/ledger': 'v1.0.0', 'hub/quoting': 'v1', 'hub/old': 'v1', 'hub/same': 'v1' },
      '1.1.0': { 'hub/ledger': 'v2.0.0', 'hub/quoting': 'v2', 'hub/same': 'v1' },
    },
  },
}
const registry = fakeRegistry(undefined, {
  imageFacts: async (_, of) => ({
    ...{ digest: of, platforms: [] },
    ...(of === digest('2') ? { change: 'breaking', todo: 'set X\u001b[31m', notes: 'Breaking: one key less.' } : {}),
  }),
})
const run = (line: string, more = {}) => refit(line, { config, registry, ...more })

test('joins what the images on the way say of themselves, and names what is not known', async () => {
  const { code, out } = await run('release notes 1.0.0 1.1.0')
  expect(code).toBe(0)
  expect(out.trimEnd().split('\n')).toEqual([
    ...['# 1.0.0 → 1.1.0', ''],
    ...['## What to do', '', expect.stringMatching(/^- hub\/ledger v2\.0\.0: set X/), ''],
    ...['## Breaking', '', '- hub/ledger v2.0.0: Breaking: one key less.', ''],
    ...['## Images', ''],
    ...[
      '### hub/ledger: v1.0.0 → v2.0.0',
      '',
      '- v2.0.0 (breaking) Breaking: one key less.',
      '- v1.0.1 its image says nothing of it',
      '',
    ],
    ...['### hub/old: removed (was v1)', ''],
    ...['### hub/quoting: v1 → v2', '', 'Not known: nothing of it runs here, so its registry is not known', ''],
    'As before: hub/same.',
  ])
  expect(out).not.toContain('\u001b')
})

test('as JSON it has every version, the newest first', async () => {
  expect((await run('release notes 1.0.0 1.1.0 -o json')).json()).toMatchObject({
    ...{ from: '1.0.0', to: '1.1.0', unchanged: ['hub/same'] },
    images: [
      {
        image: 'hub/ledger',
        from: 'v1.0.0',
        to: 'v2.0.0',
        versions: [{ tag: 'v2.0.0' }, { tag: 'v1.0.1', changes: null }],
      },
      { image: 'hub/old', to: null, problem: null },
      { image: 'hub/quoting', problem: expect.stringContaining('nothing of it runs here') },
    ],
  })
})

test('a registry that is away is said of its image, and the others are told', async () => {
  const away = fakeRegistry(undefined, {
    listTags: () => Promise.reject(new RefitError('REGISTRY_UNAVAILABLE', 'It is away.', 'Wait.')),
  })
  const { code, out } = await run('release notes 1.0.0 1.1.0', { registry: away })
  expect(code).toBe(0)
  expect(out).toContain('### hub/ledger: v1.0.0 → v2.0.0\n\nNot known: It is away. Wait.')
})

test.each([
  ['a release that nobody knows', 'release notes 1.0.0 1.1.1', 5, 'Did you mean 1.1.0'],
  ['one release only', 'release notes 1.0.0', 2, 'to'],
])('%s is refused', async (_, line, exit, words) => {
  const { code, err } = await run(line)
  expect([code, err]).toEqual([exit, expect.stringContaining(words)])
})
