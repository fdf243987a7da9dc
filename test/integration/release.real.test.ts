import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { releaseWorkflowId } from '../../src/domain/temporal-names'
import type { ReleaseDetail } from '../../src/operations/release'
import { openSimulatedHub, simulatedConfig, type SimulatedHub, until } from '../support/simulated-hub'

/** One hub of three services, `first` before the two others; each case is a release of its own. */
const services = ['first', 'left', 'right'] as const
const order = 'order: [{ first: first/first, then: [left/left, right/right] }]\n'
let hub: SimulatedHub

beforeAll(async () => {
  hub = await openSimulatedHub(`${simulatedConfig({ approve: [...services] })}${order}`)
  await Promise.all(services.map((service) => hub.deploy(service)))
  await hub.startWorker()
})
afterAll(() => hub?.close())

const images = () => Promise.all(services.map((service) => hub.image(service)))
const tags = async (): Promise<string[]> => (await images()).map((image) => image.split(':')[1]?.split('@')[0] ?? '')

async function releaseFile(name: string, wanted: Record<string, string>): Promise<string> {
  const file = join(hub.stack.stateDir, `release-${name}.yaml`)
  for (const [service, tag] of Object.entries(wanted)) await hub.push(service, tag)
  const lines = Object.entries(wanted).map(([service, tag]) => `  hub/${service}: ${tag}`)
  await writeFile(file, `release: ${name}\nservices:\n${lines.join('\n')}\n`)
  return file
}

/** A step whose worker was killed is tried again after its timeout, which is a minute for the short ones. */
const patienceMs = 240_000

const detail = async (name: string): Promise<ReleaseDetail | undefined> => {
  const release = await hub.store.releases.latest(name)
  if (!release) return undefined
  const { id } = release
  return { release, services: await hub.store.releases.services(id), events: await hub.store.releases.events(id) }
}
const releaseWhere = (name: string, done: (each: ReleaseDetail) => boolean): Promise<ReleaseDetail> =>
  until(async () => {
    const found = await detail(name).catch(() => undefined)
    return found && done(found) ? found : undefined
  }, patienceMs)
const endOf = (name: string) => releaseWhere(name, ({ release }) => release.outcome !== null)

/** Starts it, and says yes to what it shows. */
async function startApproved(file: string, name: string): Promise<void> {
  const started = await hub.refit('release', 'start', file)
  expect(started).toMatchObject({ code: 0, output: expect.stringContaining('next: refit release approve') })
  const { release } = await releaseWhere(name, ({ release: { phase } }) => phase === 'approval')
  expect(await hub.refit('release', 'approve', name, '--plan', release.hash ?? '')).toMatchObject({ code: 0 })
}

test('upgrades in order after one approval; the single upgrades that waited make room', async () => {
  const file = await releaseFile('1.1.0', { first: 'v1.1.0', left: 'v1.1.0', right: 'v1.1.0' })
  await hub.upgradeWhere('left', ({ phase, toTag }) => phase === 'approval' && toTag === 'v1.1.0')
  const planned = await hub.refit('release', 'plan', file)
  expect(planned).toMatchObject({ code: 0, output: expect.stringMatching(/1 +. first\/first[^]*2 +. left\/left/) })
  await startApproved(file, '1.1.0')
  const { release, services: rows, events } = await endOf('1.1.0')
  expect(release).toMatchObject({ outcome: 'succeeded' })
  expect(rows.map(({ service, outcome, wave }) => [service, outcome, wave])).toEqual([
    ['first', 'succeeded', 0],
    ['left', 'succeeded', 1],
    ['right', 'succeeded', 1],
  ])
  expect(await tags()).toEqual(['v1.1.0', 'v1.1.0', 'v1.1.0'])
  expect(events.map(({ kind }) => kind)).toEqual(['entered', 'said', 'approved', 'entered', 'wave', 'wave', 'ended'])
  const superseded = (await hub.store.upgrades.list({ limit: 50 })).filter(({ outcome }) => outcome === 'superseded')
  expect(superseded.map(({ service }) => service)).toContain('left')
  const first = (await hub.store.upgrades.events(rows[0]?.upgradeId ?? '')).find(({ kind }) => kind === 'ready')
  const left = (await hub.store.upgrades.events(rows[1]?.upgradeId ?? '')).find(({ kind }) => kind === 'patched')
  expect(first!.at.getTime()).toBeLessThan(left!.at.getTime())
}, 400_000)

test('the same again has nothing to do', async () => {
  const again = await hub.refit('release', 'start', join(hub.stack.stateDir, 'release-1.1.0.yaml'))
  expect(again).toMatchObject({ code: 3, output: expect.stringContaining('nothing to do') })
})

test('a failure in the second wave: everything back in reverse order, also when the worker is killed in between', async () => {
  const file = await releaseFile('1.2.0', { first: 'v1.2.0', left: 'v1.2.0-never-ready.1', right: 'v1.2.0' })
  await startApproved(file, '1.2.0')
  await releaseWhere('1.2.0', ({ services: rows }) => rows[1]?.phase === 'rollout')
  await hub.stopWorker('SIGKILL')
  await hub.startWorker()
  await releaseWhere('1.2.0', ({ release }) => release.phase === 'rollback')
  await hub.stopWorker('SIGKILL')
  await hub.startWorker()
  const { release, services: rows, events } = await endOf('1.2.0')
  expect(release).toMatchObject({ outcome: 'rolled-back', message: expect.stringContaining('left/left') })
  expect(await tags()).toEqual(['v1.1.0', 'v1.1.0', 'v1.1.0'])
  expect(rows.map(({ outcome }) => outcome)).toEqual(['rolled-back', 'rolled-back', 'rolled-back'])
  expect(events.filter(({ kind }) => kind === 'undone').map(({ message }) => message.split(' ')[0])).toEqual([
    'right/right',
    'left/left',
    'first/first',
  ])
  const ends = await Promise.all(rows.map(({ upgradeId }) => hub.store.upgrades.read(upgradeId ?? '')))
  // One after the other, the first last; the one that failed had put itself back.
  expect(ends[0]!.endedAt!.getTime()).toBeGreaterThan(ends[2]!.endedAt!.getTime())
  // Only what failed is to blame.
  expect((await hub.store.quarantine.list()).map(({ service }) => service)).toEqual(['left'])
}, 500_000)

test('what was put back may come again with the next release; aborted by a person it goes back, too', async () => {
  const file = await releaseFile('1.3.0', { first: 'v1.2.0', left: 'v1.3.0', right: 'v1.2.0' })
  await startApproved(file, '1.3.0')
  // The second wave waits for this freeze, however slow the machine is.
  await releaseWhere('1.3.0', ({ release: { phase } }) => phase === 'rollout')
  await hub.store.freezes.add({ namespace: 'left', reason: 'a test', by: 'ana' })
  await releaseWhere('1.3.0', ({ services: rows }) => rows[0]?.ready === true)
  expect(await hub.refit('release', 'abort', '1.3.0', '--yes', '--reason', 'wrong night')).toMatchObject({ code: 0 })
  const { release } = await endOf('1.3.0')
  expect(release).toMatchObject({ outcome: 'aborted', message: expect.stringContaining('wrong night') })
  await hub.store.freezes.lift({ namespace: 'left', by: 'ana', reason: 'the test is over' })
  expect(await tags()).toEqual(['v1.1.0', 'v1.1.0', 'v1.1.0'])
}, 400_000)

test('terminated while it runs it goes on where it stopped, and starts nothing twice', async () => {
  const file = join(hub.stack.stateDir, 'release-1.3.0.yaml')
  await startApproved(file, '1.3.0')
  await releaseWhere('1.3.0', ({ services: rows }) => rows[0]?.ready === true)
  await hub.temporal('workflow', 'terminate', '-w', releaseWorkflowId('1.3.0'), '--reason', 'a test')
  const resumed = await hub.refit('release', 'start', file)
  expect(resumed).toMatchObject({ code: 0, output: expect.stringContaining('goes on where it stopped') })
  const { release, services: rows, events } = await endOf('1.3.0')
  expect(release).toMatchObject({ outcome: 'succeeded' })
  expect(events.filter(({ kind }) => kind === 'approved')).toHaveLength(1)
  expect(await tags()).toEqual(['v1.2.0', 'v1.3.0', 'v1.2.0'])
  const upgrades = (await hub.store.upgrades.list({ limit: 50 })).filter(({ toTag }) => toTag === 'v1.3.0')
  expect(upgrades.filter(({ outcome }) => outcome === 'succeeded')).toHaveLength(1)
  expect(rows.every(({ outcome }) => outcome === 'succeeded')).toBe(true)
}, 400_000)

test('rejected: nothing was begun', async () => {
  const file = await releaseFile('1.4.0', { first: 'v1.4.0' })
  expect(await hub.refit('release', 'start', file)).toMatchObject({ code: 0 })
  await releaseWhere('1.4.0', ({ release: { phase } }) => phase === 'approval')
  const other = await releaseFile('1.5.0', { first: 'v1.5.0' })
  expect(await hub.refit('release', 'start', other)).toMatchObject({
    code: 3,
    output: expect.stringContaining('Release 1.4.0 is open'),
  })
  expect(await hub.refit('release', 'reject', '1.4.0', '--reason', 'month end')).toMatchObject({ code: 0 })
  expect((await endOf('1.4.0')).release).toMatchObject({ outcome: 'rejected' })
  expect((await images())[0]).toContain('v1.2.0')
})

test('another upgrade that has begun refuses the release before anything starts', async () => {
  await hub.push('right', 'v1.6.0-never-ready.1')
  const { planHash } = await hub.upgradeWhere(
    'right',
    (row) => row.phase === 'approval' && row.toTag.startsWith('v1.6.0'),
  )
  expect(await hub.refit('approve', 'right/right', '--plan', planHash)).toMatchObject({ code: 0 })
  await hub.upgradeWhere('right', ({ phase }) => phase === 'rollout')
  // Without a worker it stays there.
  await hub.stopWorker('SIGKILL')
  const file = await releaseFile('1.7.0', { first: 'v1.7.0', right: 'v1.7.0' })
  const refused = await hub.refit('release', 'start', file)
  expect(refused).toMatchObject({ code: 3, output: expect.stringContaining('right/right is being upgraded') })
  expect(await hub.store.releases.latest('1.7.0')).toBeUndefined()
})
