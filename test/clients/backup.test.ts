import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { provenBackup } from '../../src/clients/backup'
import { runBounded } from '../../src/clients/run-bounded'
import type { BackupRule } from '../../src/domain/policy'
import { answer, type Answer, startHttpServer, type TestServer } from '../support/http-server'

const now = new Date('2026-12-01T10:00:00Z')
const fresh = '2026-12-01T09:00:00Z'
const env = { PATH: process.env.PATH, SECRET: 'S3CRET' }
const prove = (check: BackupRule['check'], environment: Record<string, string | undefined> = env) =>
  provenBackup({ maxAgeMs: 86_400_000, check }, environment, now)
const refusal = async (...asked: Parameters<typeof prove>): Promise<string> => {
  const proof = await prove(...asked)
  if (proof.ok) throw new Error(`proven at ${proof.at.toISOString()}`)
  expect(proof.next).toMatch(/\.$/)
  expect(JSON.stringify(proof)).not.toContain('S3CRET')
  return proof.reason
}
const script = (code: string, ...rest: string[]) => ({ command: ['node', '-e', code, ...rest] })

describe('a command', () => {
  test.each([
    ['an ISO instant', `console.log('backups:\\n${fresh}')`, new Date(fresh)],
    ['seconds since 1970', `console.log(${Date.parse(fresh) / 1000})`, new Date(fresh)],
    ['nothing: it judged by itself', '', now],
  ])('proves by printing %s', async (_, code, at) => {
    expect(await prove(script(code))).toEqual({ ok: true, at })
  })

  test.each([
    ['fails', `process.exit(3)`, /ended with exit code 3/],
    ['is stopped', `process.kill(process.pid, 'SIGTERM')`, /was stopped by SIGTERM/],
    ['says something else', `console.log('Tue Dec 1 10:00')`, /is no instant/],
    [
      'names a backup that is too old',
      `console.log('2026-11-29T10:00:00Z')`,
      /2026-11-29T10:00:00Z, 2 d old; at most 1 d/,
    ],
    ['names one that is yet to come', `console.log('2026-12-02T10:00:00Z')`, /yet to come/],
  ])('that %s proves nothing', async (_, code, reason) => {
    expect(await refusal(script(code))).toMatch(reason)
  })

  test('that is not there proves nothing', async () => {
    expect(await refusal({ command: ['refit-no-such-program'] })).toMatch(/can't be started \(ENOENT\)/)
  })

  test('gets PATH and what its words refer to, and nothing else of the environment', async () => {
    const code = `const seen = Object.keys(process.env).join(); process.exit(seen === 'PATH' && process.argv[1] === 'S3CRET' ? 0 : 1)`
    expect(await prove(script(code, '${SECRET}'))).toEqual({ ok: true, at: now })
  })

  test('needs every variable that it refers to', async () => {
    expect(await refusal({ command: ['true', '${ELSEWHERE}'] })).toMatch(/variable ELSEWHERE, which is not set/)
  })

  test('is ended with all that it started when its time is up', async () => {
    const ended = await runBounded('sh', ['-c', 'sleep 600 & sleep 600'], { env, timeoutMs: 200 })
    expect(ended).toEqual({ kind: 'lost', why: 'did not end within 0.2 s' })
  })

  test('that prints without end is read to its last line', async () => {
    expect(await prove(script(`console.log('x'.repeat(5e6)); console.log('${fresh}')`))).toMatchObject({ ok: true })
  })
})

describe('a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'refit-backup-'))
  const file = join(folder, 'last')
  afterAll(() => rmSync(folder, { recursive: true }))

  test('proves by the instant in its last line', async () => {
    writeFileSync(file, `done\n${fresh}\n`)
    expect(await prove({ file: '${FOLDER}/last' }, { FOLDER: folder })).toEqual({ ok: true, at: new Date(fresh) })
  })

  test('proves by when it was written, where it names no instant or is a backup itself', async () => {
    for (const content of ['', 'x'.repeat(100_000)]) {
      writeFileSync(file, content)
      utimesSync(file, new Date(fresh), new Date(fresh))
      expect(await prove({ file })).toEqual({ ok: true, at: new Date(fresh) })
    }
  })

  test('that is not there, or is none, proves nothing', async () => {
    expect(await refusal({ file: join(folder, 'gone') })).toMatch(/is not there/)
    expect(await refusal({ file: folder })).toMatch(/can't be read \(EISDIR\)/)
  })
})

describe('an address', () => {
  let server: TestServer
  beforeEach(async () => (server = await startHttpServer()))
  afterEach(() => server.close())
  const ask = () => ({ http: `${server.url}/last?token=\${SECRET}` })

  test.each([
    ['JSON', JSON.stringify({ at: fresh })],
    ['JSON with seconds', JSON.stringify({ at: Date.parse(fresh) / 1000 })],
    ['a text', `${fresh}\n`],
  ])('proves by %s', async (_, body) => {
    server.answerWith(answer(200, body))
    expect(await prove(ask())).toEqual({ ok: true, at: new Date(fresh) })
    expect(server.received).toMatchObject([{ method: 'GET', path: '/last?token=S3CRET' }])
  })

  test.each([
    ['an error', answer(500), /answered 500/],
    ['a redirect', answer(302, '', { location: 'http://127.0.0.1:1/' }), /a redirect \(302\), which is not followed/],
    ['no instant', answer(200, '{"at":null}'), /named no instant/],
    ['an answer without end', answer(200, 'x'.repeat(100_000)), /more than 64 KiB/],
    ['an answer that breaks off', ((response) => void response.destroy()) satisfies Answer, /can't be asked/],
  ])('%s proves nothing, and the address is not said', async (_, how, reason) => {
    server.answerWith(how)
    const said = await refusal(ask())
    expect(said).toMatch(reason)
    expect(said).not.toContain('/last')
  })

  test.each([
    ['http://169.254.169.254/latest', /link-local/],
    ['ftp://backups.example.org', /no http or https URL/],
  ])('%s is not asked', async (http, reason) => {
    expect(await refusal({ http })).toMatch(reason)
  })
})
