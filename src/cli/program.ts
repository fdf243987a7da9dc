import { Command as Commander, Option } from 'commander'
import type { GlobalOptions } from './context'
import { type CommandSpec, type Option as CliOption, yes } from './command-spec'
import { commands } from './command-table'
import { groupSummaries } from './groups'
import type { Io } from './io'
import { outputFormats, outputOf } from './output'
import { sentence } from './parsers'

/** Options of every command. */
export const globalOptions: CliOption[] = [
  { flags: '-c, --config <file>', description: 'configuration, by default $REFIT_CONFIG or refit.yaml' },
  {
    flags: '--hub <name>',
    description: 'the hub of this name in ~/.config/refit/hubs.yaml, by default $REFIT_HUB',
    parse: sentence,
  },
  {
    flags: '-o, --output <format>',
    description: 'table (or text) for people, json or yaml for programs',
    choices: outputFormats,
    // Which others a command has is known once it is known which command that is.
    parse: outputOf,
    default: 'table',
  },
  { flags: '--no-color', description: 'no colours' },
  {
    flags: '--kubeconfig <file>',
    description: 'the cluster, by default $REFIT_KUBECONFIG or the one that this runs in',
  },
  { flags: '--verbose', description: 'say on stderr which command of the temporal CLI does or shows the same' },
]

/** Runs one command of the table. */
export type RunCommand = (
  spec: CommandSpec,
  args: (string | undefined)[],
  options: Record<string, unknown>,
  globals: GlobalOptions,
) => Promise<void>

const footer = `
SERVICE is namespace/name, or the name alone where it is unique.

Environment:
  DATABASE_URL               Refit's store, postgres://user:password@host:port/database
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE, …
                             where Temporal is, as for the temporal CLI and with its profile file
  TEMPORAL_UI_URL            the Temporal Web UI, for links
  REFIT_ENCRYPTION_KEYS, REFIT_ENCRYPTION_KEYS_FILE
                             what workers encrypt payloads with (docs/encryption.md)
  REFIT_CONFIG, REFIT_KUBECONFIG, REFIT_BY
                             defaults of --config, --kubeconfig and --by
  REFIT_TOKEN                who acts: a token of refit token create; never written as an argument
  REFIT_SERVER               default of --server
  REFIT_HUB, REFIT_HUBS      default of --hub, and the file that it is looked up in
  NO_COLOR                   no colours

The cluster is that of --kubeconfig or $REFIT_KUBECONFIG, else the one that this runs in. $KUBECONFIG and ~/.kube/config
are ignored on purpose: which hub is upgraded must not depend on somebody's shell. With --hub nothing of the above that
says which hub is meant comes from the environment, only from that hub's profile (docs/cli.md).

Which hub is changed is said on stderr before it is. In production, and where something can't be undone, it is asked;
--yes answers, for scripts.

Exit codes: 0 ok, 1 failed or unavailable, 2 wrong usage or configuration, 3 refused, 4 timed out, 5 not found,
6 something needs a person (status --exit-code, migrations rehearse).`

/** The whole command line; nothing of a command's own code is loaded. */
export function buildProgram(io: Pick<Io, 'out' | 'err'>, version: string, run: RunCommand): Commander {
  const program = new Commander('refit')
    .description('Upgrades the services of a Kubernetes hub while they serve.')
    .version(version, '-V, --version', 'print the version')
    .addHelpText('after', footer)
  for (const each of globalOptions) program.addOption(optionOf(each))
  const groups = new Map<string, Commander>()
  inherit(program, io)
  for (const spec of commands) {
    const [first = '', second] = spec.name.split(' ')
    const parent = second === undefined ? program : (groups.get(first) ?? addGroup(program, groups, first))
    addCommand(parent, second ?? first, spec, run)
  }
  return program
}

/** Errors are thrown instead of ending the process; subcommands made afterwards inherit that. */
function inherit(program: Commander, io: Pick<Io, 'out' | 'err'>): void {
  program
    .exitOverride()
    // The error itself is reported in one place (main.ts).
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text), outputError: () => {} })
    .configureHelp({ showGlobalOptions: true })
}

function addGroup(program: Commander, groups: Map<string, Commander>, name: string): Commander {
  const group = program.command(name).description(groupSummaries[name] ?? name)
  group.addHelpText('after', `\n"refit ${name} COMMAND --help" has examples. Exit codes: refit --help.`)
  groups.set(name, group)
  return group
}

function addCommand(parent: Commander, name: string, spec: CommandSpec, run: RunCommand): void {
  const { summary, details, args = [], outputs = [], examples, hidden = false } = spec
  const command = parent
    .command(name, { hidden })
    .summary(summary)
    .description([`${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`, details].filter(Boolean).join('\n\n'))
    .allowExcessArguments(false)
    .addHelpText(
      'after',
      `\nExample${examples.length > 1 ? 's' : ''}:\n${examples.map((example) => `  $ ${example}`).join('\n')}`,
    )
  for (const [arg, description, parse] of args)
    command.argument(arg, description, (text: string, before?: string[]) => {
      const value = parse?.(text) ?? text
      return arg.includes('...') ? [...(before ?? []), value] : value
    })
  for (const each of optionsOf(spec)) command.addOption(optionOf(each))
  command.action(() => {
    const globals = command.optsWithGlobals<GlobalOptions>()
    const allowed: string[] = [...outputFormats, ...outputs]
    if (!allowed.includes(globals.output))
      command.error(
        `error: option '-o, --output <format>' argument '${globals.output}' is invalid. Allowed choices are ${allowed.join(', ')}.`,
      )
    return run(spec, command.processedArgs.flat() as (string | undefined)[], command.opts(), globals)
  })
}

function optionOf({ flags, description, parse, default: byDefault, required = false, choices }: CliOption): Option {
  const option = new Option(flags, description).makeOptionMandatory(required)
  if (choices) option.choices(choices)
  if (parse) option.argParser(parse)
  if (byDefault !== undefined) option.default(byDefault, defaultWords(byDefault))
  return option
}

/** A command's own options, with --yes where it may ask. */
export const optionsOf = ({ options = [], care }: CommandSpec): CliOption[] =>
  care === undefined || care === 'say' || care === 'own' ? options : [...options, yes]

const defaultWords = (value: unknown): string =>
  typeof value === 'number' && value >= 60_000 ? `${value / 60_000}m` : String(value)
