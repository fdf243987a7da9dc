import { parseConfig } from '../../src/config'
import {
  clusterRules,
  type KubernetesNeed,
  kubernetesRules,
  needsByNamespace,
  rightsIn,
  rightsOfPlan,
  rightWords,
  rulesFor,
} from '../../src/domain/permissions'
import { planOf, policy, service, workload } from './fixtures'

const policiesOf = (...policies: string[]) =>
  parseConfig({
    name: 'refit.yaml',
    env: {},
    text: `hub: { name: h, environment: test }\npolicies:\n${policies.map((each, i) => `  - { name: p${i}, select: { namespaces: [n${i % 2}], images: ['*'] }, ${each} }`).join('\n')}\n`,
  }).policies
const gitops = `gitops: { repository: "https://git.example/x.git", file: "apps/{service}.yaml" }`
const acting: KubernetesNeed[] = ['scan', 'around', 'upgrade', 'patch', 'pods', 'logs']
const except = (need: KubernetesNeed) => acting.filter((each) => each !== need)

describe('a policy needs what it makes Refit do, and nothing beyond', () => {
  test.each<[string, string[], Record<string, KubernetesNeed[]>]>([
    ['it watches', ['mode: watch'], { n0: ['scan', 'around'] }],
    ['it upgrades', ['mode: approve'], { n0: acting }],
    ['by commits: no patch of a workload', [`mode: approve, ${gitops}`], { n0: except('patch') }],
    [
      'with migration Jobs, and health of pods',
      [`mode: approve, migrations: [{ kind: job, command: [x] }], health: [{ http: /health, port: 1 }]`],
      { n0: [...acting, 'jobs', 'proxy'] },
    ],
    ['with health Jobs', [`mode: automatic, health: [{ job: { command: [x] } }]`], { n0: [...acting, 'jobs'] }],
    [
      'with rehearsals of Jobs',
      [`mode: approve, migrations: [{ kind: job, command: [x], rehearse: { copy: "\${COPY}", env: URL } }]`],
      { n0: [...acting, 'jobs', 'rehearse'] },
    ],
    [
      'a contract looks at its users elsewhere',
      [
        `mode: approve, migrations: [{ kind: knex, directory: x, database: "\${DB}", contract: { users: [{ service: other/app, version: ">=2" }] } }]`,
      ],
      { n0: acting, other: ['scan', 'upgrade'] },
    ],
    [
      'several policies in two namespaces',
      ['mode: watch', 'mode: approve', `mode: approve, ${gitops}`],
      { n0: except('patch'), n1: acting },
    ],
  ])('%s', (_, policies, expected) => {
    expect(
      Object.fromEntries([...needsByNamespace(policiesOf(...policies))].map(([name, needs]) => [name, [...needs]])),
    ).toEqual(expected)
  })
})

test('no rule has a wildcard, none lists or reads Secrets of a namespace, each verb on a resource stands once', () => {
  const all = rightsIn(rulesFor(kubernetesRules.map(({ need }) => need)))
  const words = all.map((right) => `${right.group} ${rightWords(right)}`)
  expect(words.filter((each) => each.includes('*'))).toEqual([])
  expect(words.filter((each) => each.includes('secrets'))).toEqual([' create secrets'])
  expect(new Set(words).size).toBe(words.length)
  expect(clusterRules.flatMap(({ verbs }) => verbs)).toEqual(['list', 'list'])
})

test('watching only lists', () => {
  expect(new Set(rightsIn(rulesFor(['scan', 'around'])).map(({ verb }) => verb))).toEqual(new Set(['list']))
})

describe('of a plan', () => {
  const rights = (changed: Parameters<typeof planOf>[0]) => rightsOfPlan(planOf(changed)).map(rightWords)
  const scan = ['list deployments', 'list statefulsets', 'list daemonsets', 'list cronjobs', 'list pods']
  const job = policy({ migrations: [{ kind: 'job', command: ['x'], deadlineMs: 1 }] })
  const of = (kind: 'StatefulSet' | 'DaemonSet' | 'CronJob') => ({
    service: service({ workloads: [workload({ kind })] }),
  })

  test.each<[string, Parameters<typeof planOf>[0], string[]]>([
    ['a Deployment', {}, ['get deployments', 'list replicasets', 'patch deployments']],
    ['a StatefulSet', of('StatefulSet'), ['get statefulsets', 'patch statefulsets', 'delete pods']],
    ['a DaemonSet', of('DaemonSet'), ['get daemonsets', 'list controllerrevisions', 'patch daemonsets']],
    ['a CronJob', of('CronJob'), ['get cronjobs', 'list jobs', 'patch cronjobs']],
    [
      'migrations as Jobs',
      { policy: job },
      ['get deployments', 'list replicasets', 'patch deployments', 'create jobs', 'get jobs', 'delete jobs'],
    ],
  ])('%s', (_, changed, expected) => {
    expect(rights(changed)).toEqual([...scan, ...expected])
  })
})
