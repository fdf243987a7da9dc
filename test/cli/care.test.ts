import { parseConfig } from '../../src/config'
import { RefitError } from '../../src/domain/errors'
import { commands } from '../../src/cli/command-table'
import { main } from '../../src/cli/main'
import type { Parts } from '../../src/cli/parts'
import { decision, fakeStore, plan, planHash, upgradeRow } from '../operations/support'
import { refit, type Surroundings } from './support'

const production = parseConfig({
  name: 'refit.yaml',
  env: {},
  text: `
hub: { name: blue-hub, environment: Production }
policies:
  - { name: core, select: { namespaces: [hub], images: ['*/hub/*'] }, mode: approve, approval: { unverified: accept } }
`,
})
const hub = () => fakeStore({ decisions: [decision()], upgrades: [upgradeRow()], plans: { [planHash]: plan } }).store
const run = (line: string, more: Surroundings = {}) => refit(line, { store: hub(), ...more })

describe('before something is changed, it is said on stderr where', () => {
  test.each(['pause ledger --reason x', 'withdraw ledger', 'freeze --reason x', 'schedule trigger scan'])(
    '%s',
    async (line) => {
      expect((await run(line)).err).toMatch(/^hub green-hub \(test\)\n/)
      expect((await run(`${line} -o json`)).err).toMatch(/^hub green-hub \(test\)\n/)
    },
  )

  test.each(['status', 'explain ledger', 'freezes', 'rollback ledger --reason x --dry-run'])(
    'and nothing of it where nothing is: %s',
    async (line) => expect((await run(line)).err).not.toContain('hub green-hub'),
  )
})

const final = [
  'abort ledger --reason x',
  'reject ledger --reason x',
  'resolve ledger --reason x',
  'rollback ledger --reason x',
  'resume ledger --rollback',
  'release abort 1.0.0 --reason x',
  'token revoke 3f2a9c01b7de',
]

describe('what can not be undone is asked about, wherever it is', () => {
  test.each(final)('%s: no is no', async (line) => {
    const said = await run(line, { answer: 'n' })
    expect(said).toMatchObject({ code: 3, out: '', err: expect.stringContaining('nothing was changed') })
    expect(said.asked).toEqual([expect.stringMatching(/^refit .* on green-hub \(test\): .*\.\nGo on\? \[y\/N\] $/)])
  })

  test.each(final)('%s: with nobody to ask it says how', async (line) => {
    const said = await run(line)
    expect(said).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Add --yes if it is meant.') })
  })

  test('a yes goes on, and --yes is one', async () => {
    expect(await run('abort ledger --reason x', { answer: 'y' })).toMatchObject({ code: 0 })
    expect(await run('abort ledger --reason x -y', { answer: 'n' })).toMatchObject({ code: 0, asked: [] })
  })

  test('a script that names the plan has been written for it; a person is asked', async () => {
    const line = `reject ledger --reason x --plan ${planHash}`
    expect((await run(line)).code).toBe(0)
    expect((await run(line, { answer: 'n' })).code).toBe(3)
  })
})

test('a resume without --rollback is not asked about', async () => {
  expect((await run('resume ledger', { answer: 'n' })).asked).toEqual([])
})

describe('in production everything is asked about', () => {
  const ordinary = ['withdraw ledger', 'accept ledger --reason x', 'unfreeze', `approve ledger --plan ${planHash}`]
  test.each(ordinary)('%s', async (line) => {
    expect((await run(line, { answer: 'y' })).asked).toEqual([])
    const asked = await run(line, { answer: 'n', config: production })
    expect(asked).toMatchObject({ code: 3, asked: [expect.stringContaining('blue-hub (Production)')] })
    const alone = await run(line, { config: production })
    expect(alone).toMatchObject({ code: 2, err: expect.stringContaining('The hub is in production') })
    expect((await run(`${line} --yes`, { config: production })).err).not.toContain('nobody is here')
  })

  test('but for what only stops something', async () => {
    for (const line of ['pause ledger --reason x', 'freeze --reason x'])
      expect((await run(line, { config: production })).code).toBe(0)
  })

  test('a hub that nobody knows counts as production', async () => {
    const config = () => Promise.reject(new RefitError('CONFIG_INVALID', 'refit.yaml is not there.', 'Write it.'))
    const io = { err: '', asked: [] as string[] }
    const code = await main(
      ['withdraw', 'ledger'],
      {
        ...{ env: {}, isTerminal: true, isColorful: false, width: undefined, out: () => undefined },
        err: (text) => void (io.err += text),
        ask: (question) => Promise.resolve((io.asked.push(question), 'n')),
        ...{ user: () => 'me', now: () => new Date(), interrupted: () => AbortSignal.abort() },
        startSelf: () => ({ ended: () => '', stop: () => Promise.resolve() }),
      },
      () => ({ config, close: () => Promise.resolve() }) as unknown as Parts,
    )
    expect([code, io.asked]).toEqual([3, [expect.stringContaining('a hub that no refit.yaml names')]])
  })
})

test('every command that takes a name of who acts says which hub it changes', () => {
  const acting = commands.filter(({ options = [] }) => options.some(({ flags }) => flags.startsWith('--by')))
  const quiet = acting.filter(({ care }) => care === undefined).map(({ name }) => name)
  expect(quiet).toEqual(['release plan'])
})
