import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commands } from '../src/cli/command-table'
import type { CommandSpec, Option } from '../src/cli/command-spec'
import { globalOptions, optionsOf } from '../src/cli/program'

export const cliDocsFile = join(__dirname, '..', 'docs', 'cli.md')
const marker = '<!-- Generated from here on by scripts/cli-docs.ts; do not edit. -->'

/** docs/cli.md as it should be: what a person wrote above the marker, then every command of the table. */
export function cliDocs(written: string): string {
  const [head = ''] = written.split(marker)
  const shown = commands.filter(({ hidden }) => !hidden).sort((a, b) => (a.name < b.name ? -1 : 1))
  const parts = [
    marker,
    '## Options of every command',
    optionTable(globalOptions),
    '## Commands',
    shown.map(({ name, summary }) => `- [\`refit ${name}\`](#${anchorOf(name)}): ${escaped(summary)}`).join('\n'),
    ...shown.flatMap(commandParts),
  ]
  return `${head.trimEnd()}\n\n${parts.join('\n\n')}\n`
}

const anchorOf = (name: string): string => `refit-${name.replaceAll(' ', '-')}`

function commandParts(spec: CommandSpec): string[] {
  const { name, summary, details, args = [], outputs = [], examples } = spec
  const options = optionsOf(spec)
  const line = ['refit', name, ...args.map(([arg]) => arg), ...(options.length > 0 ? ['[options]'] : [])].join(' ')
  return [
    `### refit ${name}`,
    `${escaped(summary.slice(0, 1).toUpperCase() + summary.slice(1))}.${details ? `\n\n${escaped(details)}` : ''}`,
    ...careWords(spec),
    `    ${line}`,
    ...(args.length > 0 ? [args.map(([arg, description]) => `- \`${arg}\`: ${escaped(description)}`).join('\n')] : []),
    ...(options.length > 0 ? [optionTable(options)] : []),
    ...(outputs.length > 0 ? [`It also has ${outputs.map((each) => `\`-o ${each}\``).join(' and ')}.`] : []),
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
  ]
}

function careWords({ care }: CommandSpec): string[] {
  if (care === undefined) return []
  if (care === 'say') return ['It says which hub it acts on, and does not ask.']
  if (care === 'ask') return ['In production it asks first.']
  if (care === 'own') return ['It asks unless the plan is named; in production it asks in any case.']
  if (care.only) return [`With \`--${care.only}\` it asks first (${care.final}); else in production only.`]
  return [`It asks first: ${care.final}.`]
}

const optionTable = (options: readonly Option[]): string =>
  [
    '| option | |',
    '|---|---|',
    ...options.map((option) => `| \`${option.flags.replaceAll('|', '\\|')}\` | ${describe(option)} |`),
  ].join('\n')

function describe({ description, required, choices, default: byDefault }: Option): string {
  const more = [
    ...(required ? ['required'] : []),
    ...(choices ? [`one of ${choices.join(', ')}`] : []),
    ...(byDefault === undefined ? [] : [`by default ${words(byDefault)}`]),
  ]
  return `${escaped(description)}${more.length > 0 ? ` (${more.join('; ')})` : ''}`.replaceAll('|', '\\|')
}

const words = (value: unknown): string =>
  typeof value === 'number' && value >= 60_000 ? `${value / 60_000}m` : String(value)

/** What Markdown would take for a tag. */
const escaped = (text: string): string => text.replaceAll('<', '&lt;')

if (require.main === module) writeFileSync(cliDocsFile, cliDocs(readFileSync(cliDocsFile, 'utf8')))
