import { classifyPair } from '../../support/classify-pair'
import { isSame, migrationDifference } from '../../../src/domain/migrations/difference'
import { knexList } from '../../../src/domain/migrations/knex-list'

/** `name` or `name=content`. */
const files = (...texts: string[]) =>
  texts.map((text) => {
    const [name = '', sha256 = name] = text.split('=')
    return { name, sha256 }
  })
const none = { added: [], removed: [], edited: [], unknown: [], outOfOrder: [], renamed: [] }

test.each([
  ['nothing', files('1.js'), files('1.js'), none],
  ['a file added last', files('1.js'), files('1.js', '2.js'), { ...none, added: ['2.js'] }],
  [
    'a file added before the newest is out of order',
    files('1.js', '3.js'),
    files('1.js', '2.js', '3.js', '4.js'),
    { ...none, added: ['2.js', '4.js'], outOfOrder: ['2.js'] },
  ],
  ['a file removed', files('1.js', '2.js'), files('1.js'), { ...none, removed: ['2.js'] }],
  ['a file edited', files('1.js=a'), files('1.js=b'), { ...none, edited: ['1.js'] }],
  [
    'a renamed file is one removed and one added, and said to be the same',
    files('1.js', '4_settlment.js=a'),
    files('1.js', '4_settlement.js=a'),
    {
      ...none,
      added: ['4_settlement.js'],
      removed: ['4_settlment.js'],
      outOfOrder: ['4_settlement.js'],
      renamed: [{ from: '4_settlment.js', to: '4_settlement.js' }],
    },
  ],
  [
    'two added files of one content are no rename',
    files('1.js=a'),
    files('2.js=a', '3.js=a'),
    { ...none, added: ['2.js', '3.js'], removed: ['1.js'] },
  ],
  ['a file that cannot be read', files('1.js'), [{ name: '1.js' }], { ...none, unknown: ['1.js'] }],
  ['everything of a first image', files(), files('2.js', '1.js'), { ...none, added: ['1.js', '2.js'] }],
])('%s', (_what, before, after, difference) => {
  expect(migrationDifference(before, after)).toEqual(difference)
  expect(isSame(migrationDifference(before, after))).toBe(difference === none)
})

test("a folder's files count by knex's extensions, in the order of their names", () => {
  const all = files('2.js', '10.js', 'a.d.ts', 'b.mjs', 'c.template', '.js', 'README.md', '1.ts', 'd.js.js')
  expect(knexList(all).map(({ name }) => name)).toEqual(['1.ts', '10.js', '2.js', 'a.d.ts', 'd.js.js'])
  expect(knexList(all, { loadExtensions: ['.ts'] }).map(({ name }) => name)).toEqual(['1.ts', 'a.d.ts'])
})

test.each([
  ['nothing changes', ['1', '2'], ['1', '2'], 'nothing', 'starts'],
  ['a file is edited', ['1=a'], ['1=b'], 'nothing', 'starts'],
  ['one is added', ['1'], ['1', '2'], 'migrates', 'refused'],
  ['one is removed', ['1', '2'], ['1'], 'refused', 'starts'],
  ['one is renamed', ['1', '2'], ['1', '3'], 'refused', 'refused'],
])('when %s, forwards and the way back are known', (_what, before, after, forwards, backwards) => {
  const named = (texts: string[]) => files(...texts.map((text) => text.replace(/^(\d)/, '$1.js')))
  expect(classifyPair(named(before), named(after))).toMatchObject({ forwards, backwards })
})

test('a refusal names the files that are missed, in each direction', () => {
  expect(classifyPair(files('1.js', '2.js'), files('1.js', '3.js'))).toMatchObject({
    missingForwards: ['2.js'],
    missingBackwards: ['3.js'],
  })
})
