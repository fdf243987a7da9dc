import { completionTree, entering, type Flag, type Node, type Value } from './tree'

/** The script for fish. */
export function fishScript(): string {
  const { nodes, globals } = completionTree()
  const taking = nodes.flatMap(({ path, flags }) => namesTaking(flags).map((name) => `${path}:${name}`))
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => entering(path))
  return `# refit for fish: refit completion fish > ~/.config/fish/completions/refit.fish
# Prints the command that is written, and how many arguments it has already.
function __refit_at
    set -l at ''
    set -l want ''
    set -l pos 0
    for word in (commandline -opc)[2..]
        if test -n "$want"
            set want ''
        else if contains -- "$at:$word" ${taking.map(quoted).join(' ')}; or contains -- $word ${namesTaking(globals).join(' ')}
            set want $word
        else if string match -q -- '-*' $word
        else if contains -- "$at:$word" ${paths.map(quoted).join(' ')}
            set at (string trim "$at $word")
        else
            set pos (math $pos + 1)
        end
    end
    echo "$at:$pos"
end
function __refit_is
    string match -q -- "$argv[1]:*" (__refit_at)
end
function __refit_place
    string match -q -- $argv[1] (__refit_at)
end
function __refit_names
    set -l where
    set -l words (commandline -opc)
    for i in (seq 2 (math (count $words) - 1))
        contains -- $words[$i] --hub --config -c --kubeconfig --server --token-file; and set -a where $words[$i] $words[(math $i + 1)]
    end
    command $words[1] $where __names $argv[1] 2>/dev/null
end
complete -c refit -f
${globals.map((flag) => `complete -c refit ${optionOf(flag)}`).join('\n')}
${nodes.flatMap(linesOf).join('\n')}
`
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", `\\'`)}'`

const namesTaking = (flags: readonly Flag[]): string[] => flags.flatMap(({ names, value }) => (value ? names : []))

function optionOf({ names, description, value }: Flag): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ')
  return `${flags} -d ${quoted(description)}${value ? ` ${offer(value)}` : ''}`
}

function offer(value: Value): string {
  switch (value.kind) {
    case 'words':
      return `-x -a ${quoted(value.words.join(' '))}`
    case 'names':
      return `-x -a ${quoted(`(__refit_names ${value.of})`)}`
    case 'files':
      return '-r -F'
    case 'any':
      return '-x'
  }
}

function linesOf({ path, children, flags, args }: Node): string[] {
  const is = quoted(`__refit_is '${path}'`)
  const place = (pos: string) => quoted(`__refit_place '${path}:${pos}'`)
  return [
    ...children.map(({ name, summary }) => `complete -c refit -n ${place('0')} -a ${name} -d ${quoted(summary)}`),
    ...flags.map((flag) => `complete -c refit -n ${is} ${optionOf(flag)}`),
    ...args.flatMap(({ value, repeats }, i) =>
      value.kind === 'any'
        ? []
        : [`complete -c refit -n ${place(repeats ? '*' : String(i))} ${offer(value).replace(/^-[xr] /, '')}`],
    ),
  ]
}
