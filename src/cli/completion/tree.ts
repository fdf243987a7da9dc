import { commands } from '../command-table'
import type { CommandSpec, Option } from '../command-spec'
import { groupSummaries } from '../groups'
import { outputFormats } from '../output'
import { globalOptions, optionsOf } from '../program'
import { shells } from '../parsers'

/** What may stand in a place: words of a list, files, or names that are asked for when they are needed. */
export type Value =
  { kind: 'words'; words: readonly string[] } | { kind: 'files' } | { kind: 'names'; of: Names } | { kind: 'any' }
/** `targets` are services and upgrades. */
export type Names = 'services' | 'upgrades' | 'targets' | 'hubs'

export interface Flag {
  /** `-o`, `--output` */
  names: string[]
  description: string
  /** absent: it takes none */
  value?: Value
}

/** A command, a group of them, or refit itself. */
export interface Node {
  /** ``, `data`, `data status` */
  path: string
  children: { name: string; summary: string }[]
  /** of its own, without the global ones */
  flags: Flag[]
  args: { value: Value; repeats: boolean }[]
}

/** The command table as scripts complete it. */
export function completionTree(): { nodes: Node[]; globals: Flag[] } {
  const shown = commands.filter(({ hidden }) => !hidden)
  const groups = [...new Set(shown.flatMap(({ name }) => (name.includes(' ') ? [name.split(' ')[0] ?? ''] : [])))]
  const of = (group: string) =>
    shown
      .filter(({ name }) => name.startsWith(`${group} `))
      .map(({ name, summary }) => ({ name: name.slice(group.length + 1), summary }))
  const top = [
    ...shown.filter(({ name }) => !name.includes(' ')).map(({ name, summary }) => ({ name, summary })),
    ...groups.map((name) => ({ name, summary: groupSummaries[name] ?? name })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1))
  const none = { flags: [], args: [] }
  return {
    nodes: [
      { path: '', children: [...top, { name: 'help', summary: 'what a command does' }], ...none },
      ...groups.map((path) => ({ path, children: of(path), ...none })),
      ...shown.map(nodeOf),
    ],
    globals: [...globalOptions.map((option) => flagOf(option)), { names: ['-h', '--help'], description: 'help' }],
  }
}

const nodeOf = (spec: CommandSpec): Node => ({
  path: spec.name,
  children: [],
  flags: [
    ...optionsOf(spec).map((option) => flagOf(option)),
    // Where there are more formats than everywhere.
    ...(spec.outputs
      ? [{ names: ['-o', '--output'], description: 'format', value: words([...outputFormats, ...spec.outputs]) }]
      : []),
  ],
  args: (spec.args ?? []).map(([name]) => ({
    value: valueOf(name.replace(/[<>[\].]/g, ''), undefined),
    repeats: name.includes('...'),
  })),
})

const any: Value = { kind: 'any' }
const words = (list: readonly string[]): Value => ({ kind: 'words', words: list })

function flagOf({ flags, description, choices }: Option): Flag {
  const [, long = '', placeholder] = /(--[\w-]+)(?: [<[]([^>\]]+)[>\]])?$/.exec(flags) ?? []
  const [, short] = /^(-\w), /.exec(flags) ?? []
  const names = [...(short ? [short] : []), long]
  if (placeholder === undefined) return { names, description }
  const value = namesByFlag[long] ?? valueOf(placeholder.replace('...', ''), choices)
  return { names, description, value }
}

const namesByFlag: Record<string, Value> = {
  '--hub': { kind: 'names', of: 'hubs' },
  '--upgrade': { kind: 'names', of: 'upgrades' },
}
const namesOf = (of: Names): Value => ({ kind: 'names', of })

/** By the word that the help has for it. */
function valueOf(placeholder: string, choices: readonly string[] | undefined): Value {
  if (choices) return words(choices)
  switch (placeholder) {
    case 'service':
      return namesOf('services')
    case 'upgrade-or-service':
      return namesOf('targets')
    case 'schedule':
      return words(['scan', 'digest'])
    case 'outcome':
      return words(['succeeded', 'rolled-back'])
    case 'shell':
      return words(shells)
    case 'file':
    case 'path':
    case 'directory':
    case 'folder':
      return { kind: 'files' }
    default:
      return any
  }
}

/** `data:status`: what stands before a word, and the word, by which a script knows where it is. */
export function entering(path: string): string {
  const [first = '', second] = path.split(' ')
  return second === undefined ? `:${first}` : `${first}:${second}`
}
