import { commitOf } from '../../scripts/release/commits'
import { components, lineBranch, releaseOfTag } from '../../scripts/release/components'
import { labelsOf } from '../../scripts/release/labels'
import { changeOf, notesLine, notesMarkdown, notesOf } from '../../scripts/release/notes'
import { type Bump, bumpOf } from '../../scripts/release/version'

const commit = (message: string) => commitOf('0123456789abcdef', message)

test.each<[string, Partial<ReturnType<typeof commitOf>>]>([
  ['fix: a typo', { type: 'fix', scope: '', subject: 'a typo', breaking: [], todo: [], security: [] }],
  ['feat(cli)!: another word', { type: 'feat', scope: 'cli', subject: 'another word', breaking: ['another word'] }],
  ['fix: x\n\nBREAKING CHANGE: the key is gone,\nwrite y', { breaking: ['the key is gone, write y'] }],
  ['fix: x\n\nOperators: run refit doctor', { todo: ['run refit doctor'], breaking: [] }],
  ['security: no more', { type: 'security', security: [''] }],
  ['fix(security): no more', { scope: 'security', security: [''] }],
  ['fix: x\n\nSecurity: CVE-2026-1234', { security: ['CVE-2026-1234'] }],
  ['some words', { type: '', subject: 'some words' }],
])('%j is read', (message, read) => expect(commit(message)).toMatchObject(read))

test.each<[string, string | undefined, string[], Bump | undefined]>([
  ['fixes', '1.2.3', ['fix: a', 'docs: b'], 'patch'],
  ['a feature', '1.2.3', ['fix: a', 'feat: b'], 'minor'],
  ['what breaks', '1.2.3', ['feat!: a'], 'major'],
  ['what breaks below 1.0.0', '0.2.3', ['feat!: a'], 'minor'],
  ['a first release', undefined, ['feat!: a'], 'minor'],
  ['a security fix', '1.2.3', ['security: a'], 'patch'],
  ['documents and tests', '1.2.3', ['docs: a', 'test: b', 'chore: c', 'words'], undefined],
  ['nothing', '1.2.3', [], undefined],
])('%s after %s', (_, current, messages, bump) => expect(bumpOf(messages.map(commit), current)).toBe(bump))

const commits = [
  'feat(cli): refit release notes',
  'fix(api): an answer less',
  'fix(security): tokens end\n\nSecurity: CVE-2026-1\nOperators: end all sessions once',
  'feat(config)!: one key less\n\nBREAKING CHANGE: policies[].x is called y',
  'docs: words',
].map(commit)
const notes = notesOf('1.3.0', commits, ['20260101_a.ts'])

test('notes are in the order in which operators ask', () =>
  expect(notesMarkdown('refit', notes)).toBe(`## refit 1.3.0

### What to do

- end all sessions once

### Breaking

- config: policies[].x is called y

### Security

- tokens end (CVE-2026-1)

### Data migrations

- 20260101_a.ts

### Features

- cli: refit release notes

### Fixes

- api: an answer less
`))

test('where there is nothing to do that is said', () =>
  expect(notesMarkdown('refit', notesOf('1.2.4', [commit('fix: a')]))).toContain('Nothing to do beside the upgrade.'))

test.each([
  ['breaking', commits],
  ['security', [commit('security: a'), commit('feat: b')]],
  ['feature', [commit('fix: a'), commit('feat: b')]],
  ['bugfix', [commit('fix: a')]],
])('a release is %s by the worst of it', (kind, of) => expect(changeOf(notesOf('1.0.0', of))).toBe(kind))

test('labels are one line each, and short enough to be shown', () => {
  const built = { title: 'refit', source: '', revision: 'abc', created: '2026-01-01T00:00:00.000Z' }
  const labels = labelsOf(
    built,
    notesOf('1.0.0', [commit(`fix: ${'long '.repeat(400)}`), commit('fix: a\n\nOperators: one\ntwo')]),
  )
  expect(labels).toMatchObject({ 'refit/change': 'bugfix', 'refit/migrations': 'none', 'refit/todo': 'one two' })
  expect(labels).not.toHaveProperty(['org.opencontainers.image.source'])
  for (const text of Object.values(labels)) expect(text).toMatch(/^[^\n\r]{1,800}$/)
  expect(notesLine(notes, 40)).toMatch(/^Breaking: config: .*…$/)
})

test('every component has tags and lines of its own', () => {
  for (const component of components) {
    expect(releaseOfTag(`${component.tagPrefix}1.2.3`)).toEqual({ component, version: '1.2.3' })
    expect(lineBranch(component, '1.2')).toBe(
      component.name === 'refit' ? 'release/v1.2' : `release/${component.name}/v1.2`,
    )
  }
  for (const tag of ['1.2.3', 'vault/v1.2.3', 'version', 'ledger/1.2.3'])
    expect(() => releaseOfTag(tag)).toThrow('no tag of a release')
})
