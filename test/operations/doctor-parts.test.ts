/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { parseConfig, type Config } from '../../src/config'
import { type KubernetesRight, rightWords } from '../../src/domain/permissions'
import { doctor } from '../../src/operations/doctor'
import type { Check, DoctorParts } from '../../src/operations/doctor/check'
import { checkClocks } from '../../src/operations/doctor/clocks'
import { checkRights } from '../../src/operations/doctor/rights'
import { checkVariables } from '../../src/operations/doctor/variables'
import { config, fakeKubernetes, fakeRegistry, fakeStore, fakeTemporal, lastScan } from './support'

const policiesOf = (...policies: string[]): Config =>
  parseConfig({
    name: 'refit.yaml',
    env: {},
    text: `hub: { name: h, environment: test }\npolicies:\n${policies.map((each, i) => `  - { name: p${i}, select: { namespaces: [n${i % 2}], images: ['*'] }, ${each} }`).join('\n')}\n`,
  })
const gitops = `gitops: { repository: "https://git.example/x.git", branch: main, file: "apps/{service}.yaml", token: "\${GIT_TOKEN}" }`

describe('the rights of the policies', () => {
  const found = (mode: string, lacks: string[]) =>
    checkRights(
      { denied: async (_namespace, rights) => rights.filter((right) => lacks.includes(rightWords(right))) },
      policiesOf(`mode: ${mode}`).policies,
      'these policies',
    )

  test.each<[string, string, string[], string, string]>([
    ['all there', 'approve', [], 'ok', 'all that these policies needs'],
    ['one is lacking', 'watch', ['list pods'], 'fail', 'not allowed: list pods in n0'],
    ['it goes on without', 'approve', ['list events', 'watch pods'], 'warn', 'list events in n0, watch pods in n0'],
    ['both', 'approve', ['list events', 'patch deployments'], 'fail', 'list events in n0, patch deployments in n0'],
    ['not needed to watch', 'watch', ['patch deployments'], 'ok', 'all that these policies needs'],
  ])('%s', async (_, mode, lacks, state, message) => {
    const [check] = await found(mode, lacks)
    expect(check).toMatchObject({ state, message: expect.stringContaining(message) })
    if (state !== 'ok') expect(check?.next).toContain('refit permissions')
  })
})

describe('clocks', () => {
  const ahead = (ms: number) => () => new Date(Date.now() + ms)
  const clocks = (database: number, cluster: number | null, poll: number | null = null): Promise<Check[]> =>
    checkClocks({
      store: async () => fakeStore({ clock: ahead(database) }).store,
      kubernetes: async () =>
        fakeKubernetes({
          version: async () => ({ version: 'v1', at: cluster === null ? null : ahead(cluster)() }),
        }),
      temporal: async () =>
        fakeTemporal({
          check: async () => ({ missingSearchAttributes: [], lastPollAt: poll === null ? null : ahead(poll)() }),
        }).temporal,
    })
  const fine = /^ok within 5 s of the database and the cluster$/
  test.each<[string, Parameters<typeof clocks>, RegExp]>([
    ['that agree', [0, 0], fine],
    ['a little apart', [2_000, -3_000], fine],
    ['a database ahead', [30_000, 0], /^warn the clock of the database is (29|30) s ahead of this machine's$/],
    ['a cluster far behind', [0, -7_200_000], /^fail the clock of the cluster is .* behind this machine's$/],
    ['a Temporal whose worker polls in the future', [0, 0, 30_000], /^warn the clock of Temporal is (29|30) s ahead/],
    ['a Temporal polled a minute ago', [0, 0, -60_000], fine],
    ['a cluster that does not say', [0, null], /^ok within 5 s of the database/],
  ])('%s', async (_, given, expected) => {
    const found = (await clocks(...given)).map(({ state, message }) => `${state} ${message}`)
    expect(found).toEqual([expect.stringMatching(expected)])
  })

  test('nothing is said of what can not be asked', async () => {
    const away = () => Promise.reject(new Error('away'))
    expect(await checkClocks({ store: away, kubernetes: away, temporal: away })).toEqual([])
  })
})

describe('variables that are read in the middle of an upgrade', () => {
  const needing = policiesOf(
    `mode: approve, migrations: [{ kind: job, command: [x], database: "\${LEDGER_URL}" }], health: [{ prometheus: "\${PROM}", query: up, max: 1 }]`,
  )
  const of = (found: Config, environment?: Record<string, string>) =>
    checkVariables({ config: async () => found, ...(environment ? { environment } : {}) })
  test('are named where they are missing', async () => {
    expect(await of(needing, { PROM: 'http://p' })).toMatchObject([
      { state: 'warn', message: 'not set here: LEDGER_URL' },
    ])
    expect(await of(needing, { PROM: 'x', LEDGER_URL: 'y' })).toMatchObject([
      { state: 'ok', message: 'set: LEDGER_URL, PROM' },
    ])
  })
  test('are none for policies that need none, and where no environment is known', async () => {
    expect(await of(config, {})).toEqual([])
    expect(await of(needing)).toEqual([])
  })
})

test('doctor asks of a hub that is upgraded by commits no right to patch', async () => {
  const asked: KubernetesRight[] = []
  const parts: DoctorParts = {
    config: async () => policiesOf(`mode: approve, ${gitops}`),
    store: async () => fakeStore({ scan: lastScan() }).store,
    temporal: async () => fakeTemporal().temporal,
    registry: async () => fakeRegistry(),
    kubernetes: async () =>
      fakeKubernetes({
        denied: async (_namespace, rights) => {
          asked.push(...rights)
          return []
        },
      }),
    environment: {},
  }
  const { checks } = await doctor(parts)
  expect(asked.map(rightWords)).not.toContain('patch deployments')
  expect(checks).toContainEqual(
    expect.objectContaining({ name: 'permissions', message: 'all that upgrades by commits needs' }),
  )
  expect(checks).toContainEqual(
    expect.objectContaining({
      name: 'git https://git.example/x.git',
      state: 'warn',
      next: expect.stringContaining('GIT_TOKEN'),
    }),
  )
})
