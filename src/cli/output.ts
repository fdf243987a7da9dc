import { load } from './lazy'

/** Every command has the first three; which has more, the command table says. */
export const outputFormats = ['table', 'json', 'yaml'] as const
export type OutputFormat = (typeof outputFormats)[number] | 'sarif' | 'junit'

/** As it is written after -o: `text` is an earlier name of `table`. What is neither stays as it is, to be refused later. */
export const outputOf = (text: string): string => (text === 'text' ? 'table' : text)

/** Whether stdout is for programs. */
export const isData = (output: string): boolean => output !== 'table'

/** Data in that format with its end of line; undefined where it has none, as tables. */
export function dataText(output: string, data: unknown): string | undefined {
  if (output === 'json') return `${JSON.stringify(data, null, 2)}\n`
  // By JSON first: dates and what is absent look as they do there.
  if (output === 'yaml') return load.yaml().stringify(JSON.parse(JSON.stringify(data)), { lineWidth: 0 })
  return undefined
}

/** The same for one of several documents: a line of JSON, or YAML behind its separator. */
export const nextText = (output: string, data: unknown): string | undefined =>
  output === 'json' ? `${JSON.stringify(data)}\n` : output === 'yaml' ? `---\n${dataText(output, data)}` : undefined

/** The format of a command line that may be wrong: so that its error comes in it. */
export function outputIn(argv: readonly string[]): string {
  for (const [i, arg] of argv.entries()) {
    const [, joined] = /^(?:-o|--output=)(.+)$/.exec(arg) ?? []
    const value = joined ?? (arg === '-o' || arg === '--output' ? argv[i + 1] : undefined)
    if (value !== undefined) return outputOf(value)
  }
  return 'table'
}
