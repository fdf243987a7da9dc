import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { failureOf } from '../../src/clients/kubernetes/errors'

const answer = (status: number, message = 'no') => ({
  status,
  headers: {},
  body: Buffer.from(JSON.stringify({ kind: 'Status', apiVersion: 'v1', message })),
})

test.each([400, 401, 403, 404, 409, 410, 422, 429, 500, 503])('an answer %i comes with a next step', (status) =>
  expect(failureOf(answer(status), 'patch deployment hub/ledger').next).toMatch(/^[A-Z].*\.$/),
)

test('the refusal of RBAC, and of a quota, each with its own', () => {
  const next = (message: string) => failureOf(answer(403, message), 'patch deployment hub/ledger').next
  expect(next('User "x" cannot patch resource "deployments"')).toContain('refit permissions')
  expect(next('exceeded quota: small')).toContain('quota')
})

test('no error of this folder is thrown without a next step', () => {
  const folder = join(__dirname, '../../src/clients/kubernetes')
  for (const file of readdirSync(folder)) {
    const source = readFileSync(join(folder, file), 'utf8')
    for (const [found] of source.matchAll(/new RefitError\(\s*'[A-Z_]+',\s*(?:`[^`]*`|'[^']*')\s*,?\s*\)/g))
      throw new Error(`${file}: ${found}`)
  }
})
