/** The commands that the documentation shows: lines of `sh` blocks, and `refit …` within sentences and tables. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { buildProgram } from '../../src/cli/program'
import { commands } from '../../src/cli/command-table'

const root = join(__dirname, '../..')

export interface Shown {
  /** file and line, as an editor opens it */
  at: string
  /** as it is written */
  text: string
  /** a line of an `sh` block, which people copy; else words within a sentence, which may be a part of a command */
  whole: boolean
}

const folders = ['.', 'docs', 'deploy/manifest', 'deploy/chart', 'deploy/postgres', 'examples/hub']
const history = new Set(['CHANGELOG.md', 'AGENTS.md'])

/** Every page for the people who use Refit. */
export const pages = (): string[] =>
  folders.flatMap((folder) =>
    namesIn(join(root, folder))
      .filter((name) => name.endsWith('.md') && !history.has(name))
      .map((name) => join(root, folder, name)),
  )

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

export const shownCommands = (): Shown[] =>
  pages().flatMap((file) => commandsIn(readFileSync(file, 'utf8'), relative(root, file)))

export function commandsIn(text: string, file: string): Shown[] {
  const shown: Shown[] = []
  let fence: string | undefined
  let begun: { at: string; text: string } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const at = `${file}:${index + 1}`
    const [, opened] = /^\s*```(\w*)/.exec(line) ?? []
    if (opened !== undefined) {
      fence = fence === undefined ? opened : undefined
    } else if (fence === 'sh') {
      const full: { at: string; text: string } = begun
        ? { at: begun.at, text: `${begun.text} ${line.trim()}` }
        : { at, text: line.trim() }
      begun = full.text.endsWith('\\') ? { at: full.at, text: full.text.slice(0, -1).trim() } : undefined
      if (!begun && full.text !== '' && !full.text.startsWith('#')) shown.push({ ...full, whole: true })
    } else if (fence === undefined) {
      // In a table a bar is written as \|.
      for (const [, code = ''] of line.matchAll(/`([^`]+)`/g)) {
        const plain = code.replaceAll('\\|', '|')
        if (/^(?:refit|npm run|npx tsx) /.test(plain)) shown.push({ at, text: plain, whole: false })
      }
    }
  }
  return shown
}

/** The programs that a line runs, as words: without comments, variables set for one command, and what is piped on. */
export function invocations(line: string): string[][] {
  const runs: string[][] = [[]]
  const token =
    /\s+|#.*$|\|\||&&|[|;]|\$\((?:[^()]|\([^()]*\))*\)|(?:[^\s"'|;&$]|\$(?!\()|&(?!&)|"(?:[^"\\]|\\.)*"|'[^']*')+/g
  let isStart = true
  for (const [part] of line.matchAll(token)) {
    if (part.startsWith('#') && isStart) break
    isStart = /^\s/.test(part)
    if (isStart) continue
    if (/^(?:\|\||&&|[|;])$/.test(part)) runs.push([])
    else runs.at(-1)?.push(part.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, '$1$2'))
  }
  return runs
    .map(withoutRedirections)
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .map((words) => (words.includes('--') && words[0] === 'kubectl' ? words.slice(words.indexOf('--') + 1) : words))
    .map((words) => (words[0] === 'node' && /cli\.js$/.test(words[1] ?? '') ? ['refit', ...words.slice(2)] : words))
    .filter((words) => words.length > 0)
}

/** Where output goes is the shell's business. */
const withoutRedirections = (words: readonly string[]): string[] =>
  words.filter((word, index) => !/^(?:\d?>>?|<|&)$/.test(word) && !/^(?:\d?>>?|<)$/.test(words[index - 1] ?? ''))

const program = buildProgram({ out: () => undefined, err: () => undefined }, '0.0.0', () => Promise.resolve())

/** Why Refit's CLI would not take these words (without `refit`); undefined where it would. */
export function refusal(words: readonly string[], whole: boolean): string | undefined {
  const taken = whole ? [...words] : usageOf(words)
  const unknown = unknownIn(taken)
  if (unknown !== undefined || !whole) return unknown
  try {
    program.parse(taken, { from: 'user' })
    return undefined
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string }
    if (code === 'commander.helpDisplayed' || code === 'commander.version') return undefined
    // What the shell puts in there is not known.
    if (code === 'commander.invalidArgument' && taken.some((word) => word.includes('$('))) return undefined
    return message
  }
}

/** `[--plan HASH]` and `a|b` as somebody would type one of them. */
const usageOf = (words: readonly string[]): string[] =>
  words
    .flatMap((word) => word.replace(/[[\]()]/g, '').split('|')[0] ?? [])
    .filter((word) => word !== '' && word !== '…')

/** A command or an option that the command table doesn't have. */
function unknownIn(words: readonly string[]): string | undefined {
  const flags = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split('=')[0] as string)
  const [first = '', second = ''] = withoutOptions(words)
  const group = program.commands.find((each) => each.name() === first)
  const spec = commands.find(({ name }) => name === `${first} ${second}`) ?? commands.find(({ name }) => name === first)
  if (isPlaceholder(first)) return undefined
  if (!group) return `there is no command ${first}`
  if (!spec && !isPlaceholder(second)) return `there is no command ${first} ${second}`
  const command = spec?.name.includes(' ') ? group.commands.find((each) => each.name() === second) : group
  const known = [program, group, command].flatMap((each) => each?.options ?? [])
  const foreign = flags.find(
    (flag) => !['--help', '-h'].includes(flag) && !known.some(({ short, long }) => flag === short || flag === long),
  )
  return foreign === undefined ? undefined : `${spec?.name ?? first} has no option ${foreign}`
}

const isPlaceholder = (word: string): boolean => word === '' || /^[A-Z…]/.test(word)

/** Without options of every command that come first, and their values. */
function withoutOptions(words: readonly string[]): string[] {
  const takesValue = (word = ''): boolean =>
    program.options.some(({ short, long, required }) => required && (word === short || word === long))
  return words.filter((word, index) => !word.startsWith('-') && !takesValue(words[index - 1]))
}
