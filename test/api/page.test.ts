import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fastify from 'fastify'
import { answerUnknownRoute } from '../../src/api/errors'
import { addPage, pageFolder } from '../../src/api/page'

const html = { accept: 'text/html,application/xhtml+xml' }
const problem = 'application/problem+json; charset=utf-8'
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'refit-page-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Refit</title>')
  writeFileSync(join(folder, 'assets/index-1.js'), 'plain')
  writeFileSync(join(folder, 'assets/index-1.js.gz'), gzipSync('packed'))
  writeFileSync(join(folder, 'secret.txt'), 'secret')
})
afterAll(() => rmSync(folder, { recursive: true }))

async function served(from: string | undefined) {
  const app = fastify()
  await addPage(app, { folder: from, otherwise: answerUnknownRoute })
  return (url: string, headers: Record<string, string> = {}, method: 'GET' | 'POST' = 'GET') =>
    app.inject({ method, url, headers })
}

test.each(['/', '/upgrades/3f9a-1', '/services/hub/ledger?x=1', '/nowhere'])(
  'a browser gets the page at %s',
  async (url) => {
    const ask = await served(folder)
    const answer = await ask(url, html)
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-cache'])
    expect(answer.headers['content-type']).toMatch(/^text\/html/)
    expect(answer.body).toContain('Refit')
  },
)

test.each([
  ['/api/v1/nothing', html],
  ['/auth/nothing', html],
  ['/assets/gone.js', html],
  ['/metrics', html],
  ['/nowhere', { accept: 'application/json' }],
  ['/nowhere', {}],
  ['/secret.txt', {}],
  ['/assets/../secret.txt', {}],
  ['/assets/%2e%2e/secret.txt', {}],
])('%s with %j stays an error, as a problem', async (url, headers) => {
  const ask = await served(folder)
  const answer = await ask(url, headers)
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, problem])
  expect(answer.body).not.toContain('secret')
})

test('only what is asked for by GET is the page', async () => {
  const ask = await served(folder)
  expect((await ask('/nowhere', html, 'POST')).statusCode).toBe(404)
})

test('files that never change under their name are kept by browsers, and sent as they were compressed', async () => {
  const ask = await served(folder)
  const plain = await ask('/assets/index-1.js')
  expect([plain.body, plain.headers['cache-control']]).toEqual(['plain', 'public, max-age=31536000, immutable'])
  const packed = await ask('/assets/index-1.js', { 'accept-encoding': 'gzip' })
  expect([packed.headers['content-encoding'], packed.rawPayload.equals(gzipSync('packed'))]).toEqual(['gzip', true])
})

test('without a build a browser is told how to get one, and programs get their problem', async () => {
  const ask = await served(join(folder, 'nothing'))
  const answer = await ask('/', html)
  expect([answer.statusCode, answer.body]).toEqual([404, expect.stringContaining('npm run build')])
  expect((await ask('/', {})).headers['content-type']).toBe(problem)
})

test('where no page is wanted there is none', async () => {
  const ask = await served(undefined)
  expect((await ask('/', html)).headers['content-type']).toBe(problem)
})

test('the page is looked for beside the package, from the sources as from the build', () => {
  const root = join(__dirname, '../..')
  expect([pageFolder(join(root, 'src/api')), pageFolder(join(root, 'dist/src/api'))]).toEqual([
    join(root, 'dist/web'),
    join(root, 'dist/web'),
  ])
})
