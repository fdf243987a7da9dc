import type { ImageContract } from '../../src/domain/image-contract'
import { imageContractFound } from '../../src/domain/preflight-image'
import type { ContainerSetting } from '../../src/domain/surroundings'
import { container, contract, planOf, policy, service, setting, workload } from './fixtures'

const found = (
  from: Partial<ImageContract>,
  to: Partial<ImageContract>,
  of: Partial<ContainerSetting> = {},
  rules = policy(),
) => {
  const base = setting().containers[0] as ContainerSetting
  return imageContractFound(planOf({ policy: rules }), setting({ containers: [{ ...base, ...of }] }), {
    from: contract(from),
    to: contract(to),
  })
}
const mount = (path: string, keeps = false) => ({ mounts: [{ path, keeps }] })
const moved = { workingDir: '/opt/app' }

test.each<[string, Partial<ImageContract>, Partial<ImageContract>, Partial<ContainerSetting>, RegExp]>([
  [
    'a file mounted into a WORKDIR that moved',
    {},
    moved,
    mount('/opt/ledger/config/default.json'),
    /mounts \/opt\/ledger\/config\/default\.json, and the WORKDIR is \/opt\/app in v1\.0\.1 and \/opt\/ledger in v1\.0\.0$/,
  ],
  [
    'a mount that would hide the new WORKDIR',
    {},
    moved,
    mount('/opt/app/'),
    /mounts \/opt\/app, which would hide files of v1\.0\.1/,
  ],
  ['a mount over a parent of the new WORKDIR', { workingDir: '/srv' }, moved, mount('/opt'), /would hide files/],
  [
    'a command in the old WORKDIR',
    {},
    moved,
    { command: ['node', '/opt/ledger/app.js'] },
    /has a command or args with a path in \/opt\/ledger/,
  ],
  [
    'an option in the old WORKDIR',
    {},
    moved,
    { command: ['node'], args: ['--config=/opt/ledger/a.json'] },
    /path in \/opt\/ledger/,
  ],
  [
    'a workingDir that was the old WORKDIR',
    {},
    moved,
    { command: ['npm', 'start'], workingDir: '/opt/ledger/' },
    /starts in \/opt\/ledger\//,
  ],
  ['nothing to start', {}, { entrypoint: [], cmd: [] }, {}, /v1\.0\.1 has no ENTRYPOINT and no CMD/],
  [
    'args for another ENTRYPOINT',
    {},
    { entrypoint: ['/start.sh'] },
    { args: ['app.js'] },
    /gives its args to the ENTRYPOINT, which is \/start\.sh in v1\.0\.1 and node in v1\.0\.0$/,
  ],
  ['args that were the program', { entrypoint: [] }, {}, { args: ['node', 'app.js'] }, /and none in v1\.0\.0/],
  [
    'root, where the template forbids it',
    { user: '1000' },
    { user: '' },
    { nonRoot: true },
    /must not run as root .* USER of v1\.0\.1 is root/,
  ],
  ['root by number and group', { user: '1000' }, { user: '0:0' }, { nonRoot: true }, /USER of v1\.0\.1 is 0:0/],
  [
    'a named user, where the kubelet wants a number',
    { user: '1000' },
    { user: 'node' },
    { nonRoot: true },
    /is node, not a number/,
  ],
  [
    'a port that it no longer exposes',
    {},
    { ports: [8080, 9090] },
    {},
    /is asked on port 3001, which v1\.0\.0 exposes; v1\.0\.1 exposes 8080, 9090$/,
  ],
])('refused: %s', (_, from, to, of, reason) => {
  const { problems } = found(from, to, of)
  expect(problems.map((each) => each.reason)).toEqual([expect.stringMatching(reason)])
  expect(problems[0]?.reason).toMatch(/^ledger-api, container ledger/)
  expect(problems[0]?.next).toMatch(/\.$/)
})

test.each<[string, Partial<ImageContract>, Partial<ImageContract>, Partial<ContainerSetting>]>([
  ['the same image insides', {}, {}, mount('/opt/ledger/config')],
  [
    'a WORKDIR that moved, with nothing of the workload in it',
    {},
    moved,
    { ...mount('/etc/ledger'), command: ['npm', 'start'] },
  ],
  ['a WORKDIR that moved deeper', { workingDir: '/opt' }, { workingDir: '/opt/ledger' }, mount('/opt/ledger/config')],
  ['a WORKDIR written with a slash at its end', { workingDir: '/opt/ledger/' }, {}, mount('/opt/ledger/config')],
  ['a mount beside a WORKDIR of a similar name', {}, moved, mount('/opt/ledger-data')],
  ['no WORKDIR before', { workingDir: '/' }, moved, mount('/etc/ledger')],
  ['another ENTRYPOINT under a command of the workload', {}, { entrypoint: ['x'] }, { command: ['node', 'app.js'] }],
  ['another ENTRYPOINT and CMD, which is the image’s own matter', {}, { entrypoint: ['x'], cmd: [] }, {}],
  ['the same ENTRYPOINT behind an init', {}, { entrypoint: ['tini', '--', '/usr/bin/node'] }, { args: ['app.js'] }],
  [
    'nothing to start in either, so that it runs by what nobody sees',
    { entrypoint: [], cmd: [] },
    { entrypoint: [], cmd: [] },
    {},
  ],
  ['no ENTRYPOINT in either', { entrypoint: [] }, { entrypoint: [] }, { args: ['node', 'app.js'] }],
  ['a numeric USER where root is forbidden', { user: '1000' }, { user: '1000:3' }, { nonRoot: true }],
  ['a USER that the kubelet refused before, too', {}, {}, { nonRoot: true }],
  ['another USER, which the workload names itself', {}, { user: 'x' }, { nonRoot: true, user: 1_000 }],
  ['root in other words', { user: '' }, { user: '0:0' }, {}],
  ['ports that the new image says nothing of', {}, { ports: [] }, {}],
  ['a port that the old image did not name either', { ports: [] }, { ports: [8080] }, {}],
  ['a port that nobody asks', { ports: [3001, 9229] }, { ports: [3001] }, {}],
])('%s is no obstacle', (_, from, to, of) => expect(found(from, to, of)).toEqual({ problems: [], warnings: [] }))

test.each<[string, Partial<ImageContract>, Partial<ImageContract>, Partial<ContainerSetting>, RegExp]>([
  ['another user', { user: 'root' }, { user: '1000' }, {}, /runs as 1000 in v1\.0\.1 and as root in v1\.0\.0$/],
  ['files of the old user', {}, { user: 'app' }, mount('/data', true), /what lies in \/data belongs to the old one$/],
  ['a low port without root', { user: '' }, {}, { ports: [80] }, /not every node lets it listen on 80$/],
])('worth knowing: %s', (_, from, to, of, words) =>
  expect(found(from, to, of)).toEqual({ problems: [], warnings: [expect.stringMatching(words)] }),
)

test('imageContract: warn makes a warning of it', () => {
  const rules = policy({ rollout: { ...policy().rollout, imageContract: 'warn' } })
  expect(found({}, moved, mount('/opt/ledger/config'), rules)).toEqual({
    problems: [],
    warnings: [expect.stringContaining('mounts /opt/ledger/config')],
  })
})

test('only containers that get another image are asked', () => {
  const sidecar = {
    name: 'proxy',
    init: false,
    command: [],
    args: [],
    ports: [],
    nonRoot: false,
    ...mount('/opt/ledger/a'),
  }
  const plan = planOf({ service: service({ workloads: [workload({ containers: [container('v1.0.0')] })] }) })
  const images = { from: contract(), to: contract(moved) }
  expect(imageContractFound(plan, setting({ containers: [sidecar] }), images).problems).toEqual([])
})

test.each([{ from: contract() }, { to: contract() }, {}])('what could not be read is not judged: %#', (images) =>
  expect(imageContractFound(planOf(), setting(), images)).toEqual({ problems: [], warnings: [] }),
)
