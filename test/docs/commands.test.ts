import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandsIn, invocations, pages, refusal, shownCommands } from '../support/doc-commands'

const root = join(__dirname, '../..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const shown = shownCommands()
const refits = shown.flatMap(({ text, ...rest }) =>
  invocations(text)
    .filter(([program]) => program === 'refit')
    .map((words) => ({ ...rest, text, words: words.slice(1) })),
)

test('the documentation shows commands of Refit on many pages, in blocks and within sentences', () => {
  expect(pages().length).toBeGreaterThan(20)
  expect(refits.filter(({ whole }) => whole).length).toBeGreaterThan(100)
  expect(refits.filter(({ whole }) => !whole).length).toBeGreaterThan(100)
})

test('every refit command in the documentation is one that this CLI takes, with its options', () => {
  const wrong = refits.flatMap(({ at, text, words, whole }) => {
    const why = refusal(words, whole)
    return why === undefined ? [] : [`${at}: ${text}: ${why}`]
  })
  expect(wrong).toEqual([])
})

test('every npm script and every file that the documentation runs is there', () => {
  const wrong = shown.flatMap(({ at, text }) =>
    invocations(text).flatMap(([program, first = '', second = '']) => {
      if (program === 'npm' && first === 'run' && /^[a-z]/.test(second) && !(second in scripts))
        return [`${at}: ${text}`]
      if (program === 'npx' && first === 'tsx' && !existsSync(join(root, second))) return [`${at}: ${text}`]
      if (
        program === 'kubectl' &&
        first === 'apply' &&
        !/^(?:https?:|-$)/.test(fileOf(text)) &&
        !existsSync(join(root, fileOf(text)))
      )
        return [`${at}: ${text}`]
      return []
    }),
  )
  expect(wrong).toEqual([])
})

function fileOf(text: string): string {
  return / -[kf] (\S+)/.exec(text)?.[1] ?? '-'
}

test.each([
  ['refit status', ''],
  ['refit approve hub/ledger --plan 1a2b3c4d5e6f', ''],
  ['refit aprove hub/ledger', 'there is no command aprove'],
  ['refit schedule stop scan', 'there is no command schedule stop'],
  ['refit status --sincee 12h', 'status has no option --sincee'],
  ['refit reject hub/ledger', "error: required option '--reason <text>' not specified"],
  ['refit approve hub/ledger hub/quoting', "error: too many arguments for 'approve'. Expected 1 argument but got 2."],
])('%s as a line to copy: %j', (line, why) => {
  expect(refusal(invocations(line)[0]?.slice(1) ?? [], true) ?? '').toBe(why)
})

test.each([
  ['refit approve SERVICE [--plan HASH] [--now]', undefined],
  ['refit data', undefined],
  ['refit quarantine list|lift', undefined],
  ['refit resolve SERVICE --as succeeded', undefined],
  ['refit resolve SERVICE --ass succeeded', 'resolve has no option --ass'],
])('%s within a sentence: %j', (text, why) => {
  expect(
    refusal(
      commandsIn(`\`${text}\``, 'page.md')
        .flatMap((each) => invocations(each.text))[0]
        ?.slice(1) ?? [],
      false,
    ),
  ).toBe(why)
})

test('comments, variables, continued lines and what is piped on are no part of a command', () => {
  const text =
    '```sh\n# not this\nREFIT_BY=a refit status \\\n  --since 12h | jq .   # nor this\n```\nSee `refit scan --watch`.\n'
  const found = commandsIn(text, 'page.md')
  expect(found.map(({ at, whole }) => [at, whole])).toEqual([
    ['page.md:3', true],
    ['page.md:6', false],
  ])
  expect(found.flatMap((each) => invocations(each.text))).toEqual([
    ['refit', 'status', '--since', '12h'],
    ['jq', '.'],
    ['refit', 'scan', '--watch'],
  ])
})
