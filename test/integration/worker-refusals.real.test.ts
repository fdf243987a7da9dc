import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import getPort from 'get-port'
import { runCommand } from '../../demo/refit'
import { testDatabases, type TestDatabases } from '../support/database'

const cli = join(__dirname, '../../src/cli.ts')
const config = `hub: { name: test-hub, environment: test }
policies: [{ name: core, select: { namespaces: [hub], images: ['*/hub/*'] } }]
`

let databases: TestDatabases
let folder: string
let nowhere: string
beforeAll(async () => {
  databases = await testDatabases()
  folder = await mkdtemp(join(tmpdir(), 'refit-'))
  nowhere = `127.0.0.1:${await getPort()}`
})
afterAll(async () => {
  await databases?.remove()
  await rm(folder, { recursive: true, force: true })
})

async function worker(env: NodeJS.ProcessEnv, text = config) {
  const file = join(folder, 'refit.yaml')
  await writeFile(file, text)
  const { PATH, HOME } = process.env
  const args = ['--import', 'tsx', cli, 'worker', '--config', file]
  return runCommand(process.execPath, args, { PATH, HOME, TEMPORAL_ADDRESS: nowhere, ...env })
}

/** One error, one next step, and nothing that only a programmer reads. */
function expectSentence(output: string, error: RegExp): void {
  expect(output).toMatch(error)
  expect(output).toMatch(/^next: {2}\S/m)
  expect(output.match(/^error: /gm)).toHaveLength(1)
  expect(output).not.toMatch(/^ +at /m)
  expect(output).not.toContain('node_modules')
}

test('a worker without Temporal says so and exits with 1', async () => {
  const { code, output } = await worker({ DATABASE_URL: await databases.create() })
  expect(code).toBe(1)
  expectSentence(output, new RegExp(`^error: Temporal can't be reached at ${nowhere}`, 'm'))
})

test('a worker without its database says so and exits with 1, and does not show the password', async () => {
  const { code, output } = await worker({ DATABASE_URL: `postgres://refit:s3cret@${nowhere}/refit` })
  expect(code).toBe(1)
  expectSentence(output, /^error: PostgreSQL at \S+ can't be reached/m)
  expect(output).not.toContain('s3cret')
})

test('a worker without DATABASE_URL exits with 2', async () => {
  const { code, output } = await worker({})
  expect(code).toBe(2)
  expectSentence(output, /DATABASE_URL is not set/)
})

test.each([
  ['a mistake in refit.yaml', config.replace('policies', 'polices'), /polices/],
  ['a refit.yaml that is no YAML', 'hub: [', /refit\.yaml/],
])('a worker with %s exits with 2 and names it', async (_name, text, expected) => {
  const { code, output } = await worker({ DATABASE_URL: `postgres://refit@${nowhere}/refit` }, text)
  expect(code).toBe(2)
  expectSentence(output, expected)
})
