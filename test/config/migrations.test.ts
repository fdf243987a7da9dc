import { parseConfig } from '../../src/config'
import { messageOf, policy } from './support'

const env = { LEDGER_URL: 'postgres://u:S3CRET@h/d', COPY_URL: 'postgres://u:S3CRET@c/d', TOKEN: 'S3CRET' }
const migration = (rest: string): string =>
  policy(`    migrations: [{ kind: knex, directory: m, database: "\${LEDGER_URL}", ${rest} }]`)
const first = (text: string) =>
  parseConfig({ text, name: 'refit.yaml', env, folder: '/etc/refit' }).policies[0]?.migrations[0]

test('the copy of a rehearsal is kept by its name', () => {
  expect(first(migration('rehearse: { copy: "${COPY_URL}" }'))).toMatchObject({ rehearse: { copy: 'COPY_URL' } })
})

test.each([
  ['command: [check, "${TOKEN}"]', { command: ['check', '${TOKEN}'] }],
  ['http: "https://backups.example.org/?t=${TOKEN}"', { http: 'https://backups.example.org/?t=${TOKEN}' }],
  ['http: "${BACKUP_URL}"', { http: '${BACKUP_URL}' }],
  ['file: backups/last', { file: '/etc/refit/backups/last' }],
  ['file: "${BACKUPS}/last"', { file: '${BACKUPS}/last' }],
])('what proves a backup stays a reference, so that no plan holds a secret: %s', (check, expected) => {
  const source = first(migration(`backup: { maxAge: 24h, check: { ${check} } }`))
  expect(source?.backup).toEqual({ maxAgeMs: 86_400_000, check: expected })
})

test.each([
  ['backup: { maxAge: 24h, check: { http: nowhere } }', 'must be { command }, { file } or { http }'],
  ['backup: { maxAge: 24h, check: { command: [a], file: b } }', 'must be { command }, { file } or { http }'],
  ['rehearse: { copy: "postgres://u:p@h/d" }', 'must be a reference to an environment variable'],
])('refused: %s', (rest, message) => {
  expect(messageOf(migration(rest), env)).toContain(message)
})
