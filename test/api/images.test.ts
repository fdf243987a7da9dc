import { RefitError, type ErrorCode } from '../../src/domain/errors'
import { memoryStore, serve, type Known } from './support'

const tags = [
  ...['v11.0.0', 'v11.0.1', 'v11.0.1.2', 'v11.0.2-snapshot.1', 'v11.1.0', 'v11.2.0-snapshot.0', 'v12.0.0'],
  ...['v.11.12.0', 'latest', 'v13.0.0-alpine', '13.0.0'],
]
const ledger = 'mojaloop/central-ledger'

const ask = async (url: string, known: Record<string, Known> = { [ledger]: { tags } }) => {
  const { app } = await serve({ store: memoryStore(known).store })
  const answer = await app.inject(url)
  return {
    status: answer.statusCode,
    type: answer.headers['content-type'],
    json: answer.json<Record<string, unknown>>(),
  }
}

describe.each(['images', 'image'])('GET /%s', (prefix) => {
  test.each([
    ['', 'v11.0.1'],
    ['?strategy=bugfix', 'v11.0.1'],
    ['?strategy=patch', 'v11.0.0'],
    ['?strategy=minor', 'v11.1.0'],
    ['?strategy=major', 'v12.0.0'],
    ['?strategy=major&other=ignored', 'v12.0.0'],
  ])('%s answers as image-watcher did, without pre-releases', async (query, tag) => {
    const { status, json } = await ask(`/${prefix}/${ledger}/v11.0.0${query}`)
    expect(status).toBe(200)
    expect(json).toEqual({ tag, fullImage: `${ledger}:${tag}` })
  })
})

describe('the answer', () => {
  test.each(['v12.0.0', 'v99.0.0', 'v11.0.2-snapshot.9'])('to %s is never an older tag', async (tag) => {
    expect((await ask(`/images/${ledger}/${tag}`)).json).toEqual({ tag, fullImage: `${ledger}:${tag}` })
  })

  test.each([
    ['a private registry', '/images/hub/ledger/v1.0.0', '10.0.0.9:5000/hub/ledger', 'hub/ledger'],
    ['a path of three parts', '/images/team/hub/ledger/v1.0.0', 'ghcr.io/team/hub/ledger', 'team/hub/ledger'],
    ['one part', '/images/ledger/v1.0.0', '10.0.0.9:5000/ledger', 'ledger'],
    ["Docker's own", '/images/redis/v1.0.0', 'redis', 'redis'],
    ["Docker's own, written out", '/images/library/redis/v1.0.0', 'redis', 'library/redis'],
    ['an encoded slash', '/images/team%2Fhub/ledger/v1.0.0', 'ghcr.io/team/hub/ledger', 'team/hub/ledger'],
    ['a registry in front', '/images/ghcr.io/hub/ledger/v1.0.0', 'ghcr.io/hub/ledger', 'ghcr.io/hub/ledger'],
    ['with a port', '/images/10.0.0.9:5000/hub/ledger/v1.0.0', '10.0.0.9:5000/hub/ledger', '10.0.0.9:5000/hub/ledger'],
    ['Docker Hub in front', '/images/docker.io/redis/v1.0.0', 'docker.io/redis', 'docker.io/redis'],
  ])('is given for %s', async (_, url, repository, name) => {
    const { json } = await ask(url, { [repository]: { tags: ['v1.0.0', 'v1.0.1'] } })
    expect(json).toEqual({ tag: 'v1.0.1', fullImage: `${name}:v1.0.1` })
  })

  test.each([
    ['hub/ledger', 'v1.0.1'],
    ['ghcr.io/hub/ledger', 'v1.0.2'],
    ['a.example/hub/ledger', 'v1.0.3'],
  ])('of an image that several registries have is that of Docker Hub, unless one is named: %s', async (name, tag) => {
    const { json } = await ask(`/images/${name}/v1.0.0`, {
      'a.example/hub/ledger': { tags: ['v1.0.3'] },
      'ghcr.io/hub/ledger': { tags: ['v1.0.2'] },
      'hub/ledger': { tags: ['v1.0.1'] },
    })
    expect(json.tag).toBe(tag)
  })

  test('of an image that several private registries have is that of the first by name', async () => {
    const known = { 'b.example/hub/ledger': { tags: ['v1.0.2'] }, 'a.example/hub/ledger': { tags: ['v1.0.1'] } }
    expect((await ask('/images/hub/ledger/v1.0.0', known)).json.tag).toBe('v1.0.1')
  })

  test('to HEAD has no body', async () => {
    const { app } = await serve({ store: memoryStore({ [ledger]: { tags } }).store })
    const answer = await app.inject({ method: 'HEAD', url: `/images/${ledger}/v11.0.0` })
    expect([answer.statusCode, answer.body]).toEqual([200, ''])
  })
})

describe('an error', () => {
  const problem = (status: number, title: string, code: ErrorCode, detail: RegExp) => ({
    status,
    type: 'application/problem+json; charset=utf-8',
    json: expect.objectContaining({ status, title, code, detail: expect.stringMatching(detail) }),
  })

  test.each([
    `/images/mojaloop/nothing/v1.0.0`,
    '/images/evil.example/hub/ledger/v1.0.0',
    '/images/169.254.169.254/latest/v1.0.0',
    '/images/Mojaloop/Central-Ledger/v11.0.0',
    '/images/../../etc/v1.0.0',
    `/images/${'a'.repeat(300)}/b/v1.0.0`,
    '/images/v1.0.0',
  ])('404: no scan knows %s', async (url) => {
    expect(await ask(url)).toMatchObject({ status: 404, type: 'application/problem+json; charset=utf-8' })
  })

  test('404 says which image and what to do', async () => {
    const found = await ask('/images/mojaloop/nothing/v1.0.0')
    expect(found).toEqual(problem(404, 'Not Found', 'REGISTRY_NOT_FOUND', /No scan knows an image mojaloop\/nothing\./))
    expect(found.json.next).toMatch(/refit status/)
  })

  test.each(['latest', 'v11.x', 'v.11.12.0', 'main', `v1.0.0-${'a'.repeat(120)}!`])(
    '422: the tag %s is not a version',
    async (tag) => {
      const expected = problem(422, 'Unprocessable Entity', 'TAG_UNPARSEABLE', /is not a version/)
      expect(await ask(`/images/${ledger}/${tag}`)).toEqual(expected)
    },
  )

  test.each(['?strategy=BUGFIX', '?strategy=newest', '?strategy=', '?strategy=major&strategy=minor'])(
    '400 for %s, with the words that are allowed',
    async (query) => {
      const expected = problem(400, 'Bad Request', 'USAGE', /strategy must be patch, bugfix, minor or major, in lower/)
      expect(await ask(`/images/${ledger}/v11.0.0${query}`)).toEqual(expected)
    },
  )

  test.each<[number, string, ErrorCode]>([
    [502, 'Bad Gateway', 'REGISTRY_BAD_ANSWER'],
    [502, 'Bad Gateway', 'REGISTRY_REFUSED'],
    [503, 'Service Unavailable', 'REGISTRY_UNAVAILABLE'],
    [503, 'Service Unavailable', 'REGISTRY_BUSY'],
    [404, 'Not Found', 'REGISTRY_NOT_FOUND'],
  ])('%i %s when the last scan met %s, although an older list is there', async (status, title, code) => {
    const known = { [ledger]: { tags, error: { code, message: '10.0.0.9:5000 said no' } } }
    const found = await ask(`/images/${ledger}/v11.0.0`, known)
    expect(found).toEqual(problem(status, title, code, /registry/))
    expect(JSON.stringify(found.json)).not.toContain('10.0.0.9')
  })

  test('what is hidden from strangers is in the log', async () => {
    const error = { code: 'REGISTRY_REFUSED', message: '10.0.0.9:5000 wants another password' } as const
    const { app, log } = await serve({ store: memoryStore({ [ledger]: { tags, error } }).store })
    const answer = await app.inject(`/images/${ledger}/v11.0.0`)
    expect(answer.body).not.toMatch(/10\.0\.0\.9|password/)
    expect(log()).toContain('10.0.0.9:5000 wants another password')
  })

  test.each<[string, Known, number, string, ErrorCode]>([
    ['is doubted', { doubted: {} }, 502, 'Bad Gateway', 'REGISTRY_BAD_ANSWER'],
    ['was never read', { readAt: null }, 503, 'Service Unavailable', 'REGISTRY_UNAVAILABLE'],
    [
      'is older than three scan intervals',
      { readAt: new Date(Date.now() - 901_000) },
      ...([503, 'Service Unavailable', 'REGISTRY_UNAVAILABLE'] as const),
    ],
  ])('a list that %s says of no tag that it is the newest', async (_, known, status, title, code) => {
    const inside = { '10.0.0.9:5000/hub/ledger': { tags: ['v1.0.0'], ...known } }
    const found = await ask('/images/hub/ledger/v1.0.0', inside)
    expect(found).toEqual(problem(status, title, code, /log/))
    expect(JSON.stringify(found.json)).not.toContain('10.0.0.9')
  })

  test('a list of three scan intervals is believed', async () => {
    const known = { [ledger]: { tags, readAt: new Date(Date.now() - 890_000) } }
    expect((await ask(`/images/${ledger}/v11.0.0`, known)).status).toBe(200)
  })

  test.each([[undefined], [[]]])('502 when there is no list that can be trusted: %j', async (list) => {
    const found = await ask(`/images/${ledger}/v11.0.0`, { [ledger]: { tags: list } })
    expect(found).toEqual(problem(502, 'Bad Gateway', 'REGISTRY_BAD_ANSWER', /can't be trusted/))
  })

  test('503 without a word about where the store is', async () => {
    const { store } = memoryStore()
    store.repositories.byPath = () =>
      Promise.reject(
        new RefitError('DATABASE_UNAVAILABLE', "PostgreSQL at 10.0.0.5:5432/refit can't be reached.", 'Try again.'),
      )
    const { app, log } = await serve({ store })
    const answer = await app.inject(`/images/${ledger}/v11.0.0`)
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toMatchObject({ code: 'DATABASE_UNAVAILABLE', detail: expect.stringContaining('its log') })
    expect(answer.body).not.toContain('10.0.0.5')
    expect(log()).toContain('10.0.0.5')
  })

  test('503 when the store has no tables yet', async () => {
    const { store } = memoryStore()
    store.repositories.byPath = () => Promise.reject(Object.assign(new Error('relation'), { code: '42P01' }))
    expect((await (await serve({ store })).app.inject('/images/a/b/v1.0.0')).statusCode).toBe(503)
  })

  test('500 for what nobody foresaw, without its message or its stack', async () => {
    const { store } = memoryStore()
    store.repositories.byPath = () => Promise.reject(new Error('S3CRET at line 3'))
    const { app } = await serve({ store })
    const answer = await app.inject(`/images/${ledger}/v11.0.0`)
    expect(answer.json()).toMatchObject({ status: 500, code: 'INTERNAL' })
    expect(answer.body).not.toMatch(/S3CRET|\.ts/)
  })

  test('404 for everything that is not there', async () => {
    const { app } = await serve()
    for (const url of ['/', '/images', '/hello', '/metrics']) {
      const answer = await app.inject(url)
      expect(answer.json()).toMatchObject({ status: 404, code: expect.any(String) })
    }
    expect((await app.inject({ method: 'DELETE', url: `/images/${ledger}/v1.0.0` })).statusCode).toBe(404)
    expect((await app.inject('/images/%zz')).json()).toMatchObject({ status: 400, code: 'USAGE' })
  })
})

test('nothing but the store is asked, and only for the path', async () => {
  const { store, asked } = memoryStore()
  const { app } = await serve({ store })
  await app.inject('/images/registry.evil.example:443/hub/ledger/v1.0.0')
  expect(asked).toEqual(['hub/ledger'])
})
