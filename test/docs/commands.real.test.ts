import { type DocHub, openDocHub } from '../support/doc-hub'
import { invocations, shownCommands } from '../support/doc-commands'

/** What can't be run here, by how its words begin or what they hold, with the reason. */
const notHere: [RegExp, string][] = [
  [/^worker|^server/, 'runs until it is told to stop'],
  [/--server /, 'a server elsewhere'],
  [/--hub |^hubs|hub\.kubeconfig/, "a person's own files"],
  [/^migrations (?:rehearse|backfill|status)/, 'a database or an image of its own'],
  [/^migrations lint --schema|lint .*-o junit --fail-on/, 'files of somebody'],
  [/docker\.io/, 'a registry on the internet'],
  [/^init /, 'refuses to write over refit.yaml'],
  [/deploy\/refit\.yaml|release-1\.2|\$\(/, 'files of somebody'],
  [/^alerts test email/, 'a mail server'],
  [/17\.1\.0/, 'a bill of materials'],
]

let hub: DocHub
beforeAll(async () => {
  hub = await openDocHub()
})
afterAll(() => hub?.close())

/** The plan and the upgrade that wait here, in the place of the examples'. */
const asHere = (word: string): string =>
  word
    .replace(/^1a2b3c4d5e6f-1$/, hub.waiting.id)
    .replace(/^1a2b3c4d5e6f$/, hub.waiting.planHash.slice(0, 12))
    .replace(/^…$/, 'a reason')

const lines = shownCommands().flatMap(({ at, text, whole }) =>
  whole
    ? invocations(text)
        .filter(([program]) => program === 'refit')
        .map((words) => ({ at, words: words.slice(1), line: words.slice(1).join(' ') }))
    : [],
)
const unique = [...new Map(lines.map((each) => [each.line, each])).values()]
const here = unique.filter(({ line }) => !notHere.some(([pattern]) => pattern.test(line)))
/** Reading first, so that what changes something can't make it fail. */
const reads =
  /^(?:status|explain|windows|plan|history|freezes|quarantine list|security list|audit|token list|session list|schedule show|alerts list|data status|release (?:status|plan)|report|logs|webhooks|config|policy|completion|doctor|scan|migrations lint)/

test('most commands of the documentation can be run here, and the others have a reason', () => {
  expect(here.length / unique.length).toBeGreaterThan(0.6)
  for (const [pattern] of notHere) expect(unique.filter(({ line }) => pattern.test(line))).not.toEqual([])
})

test('every one of them does its work, or is refused for what is not there: never for how it is written', async () => {
  const ordered = [...here.filter(({ line }) => reads.test(line)), ...here.filter(({ line }) => !reads.test(line))]
  const bad: string[] = []
  const codes: Record<number, number> = {}
  for (const { at, words, line } of ordered) {
    // What asks is answered in the documentation by a person.
    const plain = await hub.run(words.map(asHere))
    const asked = plain.code === 2 && plain.err.includes('--yes')
    const { code, err } = asked ? await hub.run([...words.map(asHere), '--yes']) : plain
    codes[code] = (codes[code] ?? 0) + 1
    if (code === 1 || code === 2 || code === 4) bad.push(`${at}: refit ${line}: ${code} ${err.trim().slice(0, 300)}`)
  }
  expect(bad).toEqual([])
  expect(codes[0]).toBeGreaterThan(40)
}, 300_000)
