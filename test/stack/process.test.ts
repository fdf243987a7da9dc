import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  childEnvironment,
  findMarked,
  identify,
  isAlive,
  killMarked,
  parseStat,
  startDetached,
  terminate,
} from '../../stack/process'

const folder = mkdtempSync(join(tmpdir(), 'refit-process-'))
const log = join(folder, 'logs', 'part.log')
const sleeper = { file: process.execPath, args: ['-e', 'setTimeout(() => 0, 60000)'] }

afterAll(async () => {
  await killMarked(folder)
  rmSync(folder, { recursive: true, force: true })
})

test('reads state and start time after a command that holds spaces and parentheses', () => {
  const fields = ['S', ...Array.from({ length: 18 }, (_, index) => String(index)), '4711', '0']
  expect(parseStat(`12 (a ) b (c)) ${fields.join(' ')}`)).toEqual({ state: 'S', started: '4711' })
})

test('knows a process that it started, and ends it', async () => {
  const record = await startDetached(sleeper, folder, log)
  expect(isAlive(record)).toBe(true)
  await terminate(record, 'SIGTERM', 5000)
  expect(isAlive(record)).toBe(false)
})

test('takes a reused process id for somebody else and leaves it alone', async () => {
  const stranger = spawn(sleeper.file, sleeper.args)
  const pid = stranger.pid as number
  const started = identify(pid)?.started ?? ''
  for (const other of [
    { pid, started: `${started}0`, command: [sleeper.file], since: 0 },
    { pid, started, command: ['/usr/bin/postgres'], since: 0 },
  ]) {
    expect(isAlive(other)).toBe(false)
    await terminate(other, 'SIGKILL', 100)
  }
  expect(identify(pid)).toBeDefined()
  stranger.kill()
})

test('kills a process that ignores SIGTERM once the grace period is over', async () => {
  const script = 'process.on("SIGTERM", () => 0); console.log("ready"); setTimeout(() => 0, 60000)'
  const record = await startDetached({ file: process.execPath, args: ['-e', script] }, folder, log)
  while (!readFileSync(log, 'utf8').includes('ready')) await new Promise((resolve) => setTimeout(resolve, 20))
  await terminate(record, 'SIGTERM', 200)
  expect(isAlive(record)).toBe(false)
})

test('finds processes whose id was never recorded by the mark of their stack', async () => {
  await startDetached(sleeper, folder, log)
  expect(findMarked(folder)).toHaveLength(1)
  expect(findMarked(`${folder}-2`)).toHaveLength(0)
  expect(await killMarked(folder)).toBe(1)
  expect(findMarked(folder)).toHaveLength(0)
})

test('hands nothing of the caller to a child', () => {
  process.env.KUBECONFIG = '/elsewhere'
  process.env.DATABASE_URL = 'postgres://elsewhere'
  const environment = childEnvironment(folder)
  delete process.env.KUBECONFIG
  delete process.env.DATABASE_URL
  expect(JSON.stringify(environment)).not.toContain('elsewhere')
})

test('says when a program does not exist', async () => {
  await expect(startDetached({ file: '/nowhere/program', args: [] }, folder, log)).rejects.toThrow('ENOENT')
})
