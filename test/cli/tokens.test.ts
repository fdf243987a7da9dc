import { fakeStore } from '../operations/support'
import { refit } from './support'

test('a token is shown once, and found again without its secret', async () => {
  const { store } = fakeStore()
  const made = await refit('token create ana@example.org --scope approver --expires 90d', { store })
  const [secret = ''] = made.out.split('\n')
  expect(made).toMatchObject({ code: 0, out: expect.stringContaining('until 2027-02-21T10:00:00Z') })
  expect(secret).toMatch(/^rft_/)
  expect(made.out).toContain('people of refit.yaml has no ana@example.org')

  const list = await refit('token list', { store })
  expect(list.out).toMatch(/ana@example\.org.*approver.*live/)
  expect(list.out).not.toContain(secret)

  const id = /^token ([0-9a-f]{12}):/m.exec(made.out)?.[1] ?? ''
  expect(await refit(`token revoke ${id} --yes`, { store })).toMatchObject({
    code: 0,
    out: `token ${id} is revoked, by me@laptop\n`,
  })
  expect(await refit(`token revoke ${id} --yes`, { store })).toMatchObject({ code: 5 })
  expect((await refit('token list', { store })).out).toMatch(/revoked/)
})

test('as JSON it has everything', async () => {
  const { store } = fakeStore()
  const made = (await refit('token create ana --scope viewer -o json', { store })).json()
  expect(made).toEqual({
    id: expect.any(String),
    name: 'ana',
    scope: 'viewer',
    expiresAt: null,
    secret: expect.stringMatching(/^rft_/),
    groups: [],
  })
  const { tokens } = (await refit('token list -o json', { store })).json()
  expect(tokens).toMatchObject([{ id: made.id, state: 'live', createdBy: 'me@laptop' }])
})

test('without tokens the list says how to make one', async () => {
  expect((await refit('token list')).out).toContain('refit token create NAME --scope approver')
})

test.each([
  'token create ana',
  'token create ana --scope root',
  'token create --scope viewer',
  'token create ana --scope viewer --expires soon',
])('%s is wrong usage', async (line) => {
  expect((await refit(line)).code).toBe(2)
})
