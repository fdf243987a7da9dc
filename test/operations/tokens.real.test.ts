import { createHash } from 'node:crypto'
import { authenticate, authorize } from '../../src/operations/authenticate'
import { createToken, listTokens, looksLikeToken, revokeToken } from '../../src/operations/tokens'
import type { Store } from '../../src/store/contracts'
import { testDatabases, type TestDatabases } from '../support/database'

const config = { people: [{ name: 'ana', groups: ['tech-ops'] }] }
let databases: TestDatabases
let store: Store
let url: string

beforeAll(async () => {
  databases = await testDatabases()
  ;({ store, url } = await databases.store())
})
afterAll(() => databases.remove())

const create = (changed: Partial<Parameters<typeof createToken>[1]> = {}) =>
  createToken({ store, config }, { name: 'ana', scope: 'approver', expiresAt: null, by: 'root@laptop', ...changed })
const login = (secret: string) => authenticate({ store, config }, secret)

test('a token is whose it says, in the groups that refit.yaml gives now', async () => {
  const { secret, id, groups } = await create()
  expect(secret).toMatch(/^rft_[A-Za-z0-9_-]{43}[0-9a-f]{8}$/)
  expect(groups).toEqual(['tech-ops'])
  expect(await login(secret)).toEqual({ name: 'ana', groups: ['tech-ops'], scope: 'approver', via: 'token' })
  const { tokens } = await listTokens({ store }, new Date())
  expect(tokens).toContainEqual(
    expect.objectContaining({ id, name: 'ana', state: 'live', createdBy: 'root@laptop', lastUsedAt: expect.any(Date) }),
  )
})

test('the store keeps a hash of it and nothing else', async () => {
  const { secret } = await create()
  const rows = await databases.query<object>(url, 'select * from token')
  expect(JSON.stringify(rows)).not.toContain(secret)
  expect(JSON.stringify(rows)).toContain(createHash('sha256').update(secret).digest('hex'))
})

test('no two are alike', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => create()))
  expect(new Set(made.map(({ secret }) => secret)).size).toBe(20)
  expect(new Set(made.map(({ id }) => id)).size).toBe(20)
})

test('whatever is wrong with one, it is refused in the same words, which do not have it', async () => {
  const expired = await create({ expiresAt: new Date(Date.now() - 1_000) })
  const revoked = await create()
  await revokeToken({ store }, { id: revoked.id, by: 'root' })
  const other = (await create()).secret
  const bad = [
    ...[expired.secret, revoked.secret, `${other.slice(0, -1)}${other.endsWith('0') ? '1' : '0'}`, other.toUpperCase()],
    ...['', 'rft_', 'null', `${other} `, `${other}${other}`, 'x'.repeat(100_000), `rft_${'A'.repeat(43)}00000000`],
  ]
  const said = await Promise.all(bad.map((secret) => login(secret).catch((error: unknown) => error as Error)))
  for (const error of said)
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', message: 'This token is not valid.' })
  expect((await listTokens({ store }, new Date())).tokens).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: expired.id, state: 'expired' }),
      expect.objectContaining({ id: revoked.id, state: 'revoked' }),
    ]),
  )
})

test('what is no token is told without asking the store', async () => {
  const { secret } = await create()
  expect(looksLikeToken(secret)).toBe(true)
  const [first = ''] = secret.slice(4)
  expect(looksLikeToken(secret.replace(`rft_${first}`, `rft_${first === 'A' ? 'B' : 'A'}`))).toBe(false)
})

test('one can be revoked once', async () => {
  const { id } = await create()
  await revokeToken({ store }, { id, by: 'root' })
  await expect(revokeToken({ store }, { id, by: 'root' })).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' })
  await expect(revokeToken({ store }, { id: 'nobody', by: 'root' })).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' })
})

test.each(['', ' ana', 'a\nb', 'x'.repeat(201), 'ana‮'])('"%s" is no name', async (name) => {
  await expect(create({ name })).rejects.toMatchObject({ code: 'USAGE' })
})

test('a scope that is less is refused by its name', () => {
  expect(() => authorize({ name: 'ana', scope: 'operator', via: 'token' }, 'approver')).not.toThrow()
  expect(() => authorize({ name: 'ana', scope: 'viewer', via: 'token' }, 'approver')).toThrow(
    'This needs scope approver; the token of ana has viewer.',
  )
})
