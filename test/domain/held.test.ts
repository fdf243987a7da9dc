import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { heldAdvice, heldReasonOf, heldSection, heldSections } from '../../src/domain/held'

const held = { namespace: 'hub', service: 'ledger', id: 'abcdef123456-1' }
const runbook = readFileSync(join(__dirname, '../../docs/runbook.md'), 'utf8')

test.each(Object.keys(heldSections))(
  'held by %s names two or three commands and a section of the runbook',
  (reason) => {
    const { commands, page } = heldAdvice({ ...held, reason })
    expect(commands.length === 2 || commands.length === 3).toBe(true)
    expect(commands[0]).toBe('refit history --upgrade abcdef123456-1 --logs')
    expect(page).toBe(`docs/runbook.md#${reason}`)
    expect(runbook).toContain(`\n### ${reason}\n`)
  },
)

test.each<[string | null | undefined, string]>([
  ['environment', 'environment'],
  ['migration-dirty', 'migration'],
  ['lease-lost', 'migration'],
  ['something-new', 'error'],
  ['toString', 'error'],
  [null, 'error'],
  [undefined, 'error'],
])('%s is in section %s', (reason, section) => {
  expect(heldSection(reason)).toBe(section)
})

test.each([
  ['KUBERNETES_FORBIDDEN', 'kubernetes-forbidden'],
  ['MIGRATION_DIRTY', 'migration-dirty'],
  ['TypeError', 'error'],
  [undefined, 'error'],
])('the error code %s is the reason %s', (code, reason) => {
  expect(heldReasonOf(code)).toBe(reason)
})
