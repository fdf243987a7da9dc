import { commands } from '../../src/cli/command-table'
import { refit } from './support'

// Help must not wait for any of these to load.
jest.mock('../../src/store', () => {
  throw new Error('the store was loaded')
})
jest.mock('../../src/clients/temporal', () => {
  throw new Error('Temporal was loaded')
})
jest.mock('../../src/cli/lazy', () => ({
  load: {},
  loadCommand: new Proxy(
    {},
    {
      get: () => () => {
        throw new Error('a command was loaded')
      },
    },
  ),
}))
jest.mock('../operations/support', () => ({
  fakeStore: () => ({}),
  fakeTemporal: () => ({}),
  fakeKubernetes: () => ({}),
  fakeRegistry: () => ({}),
}))

describe('help', () => {
  test('lists every command and says which kubeconfig is ignored', async () => {
    const { code, out, err } = await refit('--help')
    expect([code, err]).toEqual([0, ''])
    for (const { name } of commands.filter(({ hidden }) => !hidden)) expect(out).toContain(name.split(' ')[0])
    expect(out).toMatch(/\$KUBECONFIG and ~\/\.kube\/config\s+are ignored on purpose/)
    expect(out).toContain('Exit codes:')
  })

  test.each(commands.map(({ name }) => name))('of %s has an example and the global options', async (name) => {
    const { code, out } = await refit(`${name} --help`)
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`Examples?:\n {2}\\$ refit ${name}`))
    expect(out).toContain('--output <format>')
  })

  test.each(['approve', 'reject', 'abort', 'resolve', 'quarantine lift'])(
    'of %s says that a name is a claim',
    async (name) => {
      expect((await refit(`${name} --help`)).out.replace(/\s+/g, ' ')).toContain('is a claim')
    },
  )

  test('the version is that of package.json', async () => {
    expect(await refit('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })
})

describe('a wrong command line exits 2 with what to do', () => {
  test.each([
    ['statsu', "error: Unknown command 'statsu'.\nnext:  Did you mean status?\n"],
    ['approve', "error: Missing required argument 'service'.\nnext:  Add --help to see what the command takes.\n"],
    ['reject hub/ledger', "error: Required option '--reason <text>' not specified.\n"],
    ['abort hub/ledger', "error: Required option '--reason <text>' not specified.\n"],
    ['resolve hub/ledger', "error: Required option '--reason <text>' not specified.\n"],
    ['approve x --plan zz', 'Write the 12 hex digits'],
    ['status -o xml', 'Allowed choices are table, json, yaml.'],
    ['status a b', 'Too many arguments'],
    ['status --nope', "Unknown option '--nope'"],
    ['history --limit 0', 'Write a number from 1 to 1000.'],
    ['scan --timeout soon', 'Write it like 90s, 5m or 1h30m.'],
    ['server --listen 8080', 'Write host:port, such as 127.0.0.1:8080.'],
    ['quarantine lift x sha256:12', 'Write the whole digest'],
  ])('%s', async (line, words) => {
    const { code, out, err } = await refit(line)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(words)
  })

  test('an empty reason is none', async () => {
    expect(await refit(['reject', 'x', '--reason', '  '])).toMatchObject({
      code: 2,
      err: expect.stringContaining('must not be empty'),
    })
  })

  test.each(['', 'quarantine', 'config'])('"%s" alone prints its help', async (line) => {
    expect(await refit(line)).toMatchObject({ code: 2, err: expect.stringContaining('Commands:') })
  })

  test.each(['-o json nope', 'nope --output json', 'nope --output=json', 'nope -ojson'])(
    '%s gets its error as JSON',
    async (line) => {
      const run = await refit(line)
      expect(run.json()).toEqual({
        error: { code: 'USAGE', message: "Unknown command 'nope'.", next: expect.any(String) },
      })
      expect(run.err).toBe('')
    },
  )
})
