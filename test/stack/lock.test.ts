import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { withLock } from '../../stack/lock'
import { self } from '../../stack/process'

const folder = mkdtempSync(join(tmpdir(), 'refit-lock-'))
const path = join(folder, 'some.lock')

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('lets one in at a time', async () => {
  let inside = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++inside)
    await sleep(20)
    inside--
  }
  await Promise.all(Array.from({ length: 5 }, () => withLock(path, 'work', { timeout: 10_000 }, work)))
  expect(most).toBe(1)
  expect(existsSync(path)).toBe(false)
})

test('gives the lock back when the work fails', async () => {
  const work = () => Promise.reject(new Error('no'))
  await expect(withLock(path, 'work', { timeout: 0 }, work)).rejects.toThrow('no')
  expect(existsSync(path)).toBe(false)
})

test('takes the lock of a launcher that was killed without waiting', async () => {
  writeFileSync(path, JSON.stringify({ process: { ...self(), started: 'another time' }, purpose: 'up' }))
  const onWait = jest.fn()
  await withLock(path, 'work', { timeout: 1000, onWait }, () => Promise.resolve())
  expect(onWait).not.toHaveBeenCalled()
})

test('says who holds it when the time is over', async () => {
  writeFileSync(path, JSON.stringify({ process: self(), purpose: 'up demo' }))
  const attempt = withLock(path, 'work', { timeout: 100 }, () => Promise.resolve())
  await expect(attempt).rejects.toThrow(`held by up demo (process ${process.pid})`)
  rmSync(path)
})
