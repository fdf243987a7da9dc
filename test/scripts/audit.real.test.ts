import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Audit } from '../../scripts/supply/audit'

/** A registry whose audit service answers as told; npm itself asks it. */
const folder = mkdtempSync(join(tmpdir(), 'refit-audit-'))
/** npm asks for it before it believes an advisory. */
const left = {
  ...{ name: 'left', 'dist-tags': { latest: '1.0.0' } },
  versions: { '1.0.0': { name: 'left', version: '1.0.0', dist: { tarball: 'http://127.0.0.1/left.tgz' } } },
}
let server: Server
let registry: string
let answer: { status: number; body: string } = { status: 200, body: '{}' }
beforeAll(async () => {
  const name = 'hub-audit-test'
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name, version: '1.0.0', dependencies: { left: '1.0.0' } }),
  )
  const locked = { version: '1.0.0', resolved: 'http://127.0.0.1/left.tgz', integrity: 'sha512-AAAA' }
  const packages = { '': { name, version: '1.0.0', dependencies: { left: '1.0.0' } }, 'node_modules/left': locked }
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ name, lockfileVersion: 3, requires: true, packages }),
  )
  server = createServer((request, response) => {
    request.resume()
    const json = { 'content-type': 'application/json' }
    if (request.method === 'GET') return void response.writeHead(200, json).end(JSON.stringify(left))
    response.writeHead(answer.status, json).end(answer.body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

/** In a process of its own: this one has to answer meanwhile. */
async function asked(status: number, body: unknown, at = registry, shipped = ['left']): Promise<Audit> {
  answer = { status, body: JSON.stringify(body) }
  const { execFile } = await import('node:child_process')
  const { promisify } = await import('node:util')
  const script = `import { audit } from ${JSON.stringify(join(__dirname, '../../scripts/supply/audit'))}
process.stdout.write(JSON.stringify(audit(${JSON.stringify(folder)}, new Set(${JSON.stringify(shipped)}), ['--registry=${at}', '--cache=${mkdtempSync(join(folder, 'cache-'))}'])))`
  const file = join(folder, 'ask.ts')
  writeFileSync(file, script)
  const { stdout } = await promisify(execFile)(join(__dirname, '../../node_modules/.bin/tsx'), [file])
  return JSON.parse(stdout) as Audit
}

const advisory = (severity: string) => ({
  left: [
    { id: 1, url: 'https://advisories.example.org/1', title: 'Pads too much', severity, vulnerable_versions: '<2.0.0' },
  ],
})

test('nothing known is clean; what is high is named with its advisory; what is low, or of a tool, stops nobody', async () => {
  expect(await asked(200, {})).toEqual({ kind: 'clean' })
  expect(await asked(200, advisory('low'))).toEqual({ kind: 'clean' })
  expect(await asked(200, advisory('high'), registry, ['right'])).toEqual({ kind: 'clean' })
  expect(await asked(200, advisory('high'))).toEqual({
    kind: 'flaws',
    lines: [expect.stringMatching(/^left .*: high, Pads too much https:\/\/advisories\.example\.org\/1$/)],
  })
})

test('a service that can not be asked is never called clean', async () => {
  expect(await asked(405, {})).toMatchObject({ kind: 'unknown', why: expect.stringContaining('405') })
  expect(await asked(200, {}, 'http://127.0.0.1:1')).toMatchObject({ kind: 'unknown', why: expect.stringMatching(/./) })
})
