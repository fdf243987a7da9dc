import { rehearseJob } from '../../src/clients/migrations/rehearse-job'
import { createKubernetes } from '../../src/clients/kubernetes'
import type { Kubernetes } from '../../src/clients/contracts'
import { openRealHub, type RealHub } from '../support/real-hub'

const namespace = 'hub'
let hub: RealHub
let kubernetes: Kubernetes
let image: string

beforeAll(async () => {
  hub = await openRealHub()
  const { stack } = hub
  await hub.deploy(namespace)
  await stack.postgres.createDatabase('copy')
  kubernetes = createKubernetes({ kubeconfig: stack.kubernetes.kubeconfig })
  const read = ['get', 'deployment', 'ledger', '-o', 'jsonpath={.spec.template.spec.containers[0].image}']
  image = (await hub.kubectl('-n', namespace, ...read)).trim()
}, 900_000)

afterAll(async () => {
  await kubernetes?.close()
  await hub?.close()
})

/** What the code of an image logs of its surroundings when it ends with 1; the rehearsal shows the end of the log. */
const saidBy = async (script: string): Promise<string | undefined> => {
  const { findings } = await rehearseJob(kubernetes, {
    ...{ copyUrl: hub.stack.postgres.podUrl('copy'), place: 'COPY_URL', sizes: new Map(), say: () => undefined },
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    job: {
      ...{ namespace, image, command: ['node', '-e', script], deadlineMs: 60_000, env: 'DATABASE_URL', labels: {} },
      like: { workload: 'ledger', container: 'run-migration' },
    },
  })
  return findings.find(({ rule }) => rule === 'run-fails')?.why
}

const tells = (expression: string): string =>
  `Promise.resolve(${expression}).catch((error) => error.code).then((found) => { console.log('found ' + JSON.stringify(found)); process.exit(1) })`

test('code before approval has one variable of the hub, the address of the copy', async () => {
  // Of the image itself, and the address of the API server, which Kubernetes gives every pod.
  const own = '/^(PATH|HOME|HOSTNAME|PWD|NODE_.*|LD_LIBRARY_PATH|KUBERNETES_.*)$/'
  expect(await saidBy(tells(`Object.keys(process.env).filter((key) => !${own}.test(key))`))).toContain(
    'found ["DATABASE_URL"]',
  )
})

test('it finds no token of a service account, and no volume', async () => {
  const tokens = "require('fs').promises.readdir('/var/run/secrets/kubernetes.io/serviceaccount')"
  expect(await saidBy(tells(tokens))).toContain('found "ENOENT"')
  expect(await saidBy(tells("require('fs').promises.readdir('/var/run/secrets')"))).toContain('found "ENOENT"')
})

test('it has no capability that Linux knows, and can get none', async () => {
  const status = "require('fs').readFileSync('/proc/self/status', 'utf8').match(/(CapEff|CapBnd|NoNewPrivs):\\s*\\S+/g)"
  expect(await saidBy(tells(status))).toMatch(/CapBnd:\\t0000000000000000.*NoNewPrivs:\\t1/)
})

test('it reaches the copy, and leaves nothing behind in the cluster', async () => {
  const reach =
    "new Promise((done, fail) => { const url = new URL(process.env.DATABASE_URL); require('net').connect(url.port, url.hostname).on('connect', () => done('the copy')).on('error', fail) })"
  expect(await saidBy(tells(reach))).toContain('found "the copy"')
  // The CNI here enforces no NetworkPolicy: that it is there, and what it says, is asserted on the API server elsewhere.
  const left = await hub.kubectl(
    '-n',
    namespace,
    'get',
    'secrets,networkpolicies',
    '-l',
    'refit.dev/rehearsal',
    '-o',
    'name',
  )
  expect(left.trim()).toBe('')
})
