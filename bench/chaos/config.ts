/** Services of the hub that is killed, each in a namespace of its name, and what each of them is there for. */
export const services = {
  data: 'knex migrations in all phases, a canary, its own approval of the contract',
  init: 'a migration Job, and an init container that migrates',
  sick: 'new pods that never get ready',
  back: 'succeeds, and is rolled back by hand',
  lost: 'its workflow is terminated in the middle, and resumed',
  one: 'first of a release',
  two: 'in the second wave of a release, whose failure stops its line',
  three: 'beside it, still being watched when the line stops',
} as const
export type ServiceName = keyof typeof services
/** Their upgrades are for releases to start, and to end. */
export const ofReleases: readonly string[] = ['one', 'two', 'three'] satisfies ServiceName[]
export const serviceNames = Object.keys(services) as ServiceName[]

const policy = (name: string, namespaces: string[], rules: string): string => `  - name: ${name}
    select: { namespaces: [${namespaces.join(', ')}], images: ['*/hub/*'] }
    mode: approve
    strategy: minor
    prerelease: never-ready
    approval: { required: 1, unverified: accept, expires: 1h }
${rules}`

const rollout = (more = '', bake = '1s'): string =>
  `    rollout: { bake: ${bake}, stall: 6s, deadline: 5m, maxUnavailable: 1${more} }\n`

/** refit.yaml of that hub; `folder` has the migrations. Times are short, conditions decide when anything goes on. */
export const chaosConfig = (folder: string): string => `hub: { name: chaos, environment: test }
scan: { every: 2s }
registries: [{ host: "\${REGISTRY}", insecure: true }]
policies:
${policy(
  'data',
  ['data'],
  `    migrations:
      - kind: knex
        directory: ${folder}
        database: "\${DATA_URL}"
        contract: { approval: { required: 1, expires: 1h } }
${rollout(', canary: 1, canaryBake: 1s')}`,
)}${policy('init', ['init'], `    migrations: [{ kind: job, command: [migrate] }]\n${rollout()}`)}${policy('rest', ['sick', 'back', 'lost', 'one', 'two'], rollout())}${policy('slow', ['three'], rollout('', '15s'))}order: [{ first: one/one, then: [two/two, three/three] }]
digestAt: { times: ['03:33'], timeZone: UTC }
alerts: [{ webhook: "\${ALERTS}", signedWith: "\${ALERT_KEY}", on: [info, action, page], allowPrivate: true }]
`
