import { quoted } from '../../domain/temporal-names'
import { completionTree, entering, type Flag, type Node, type Value } from './tree'

/** The script for bash; it needs no bash-completion. */
export function bashScript(): string {
  const { nodes, globals } = completionTree()
  const flags = [...globals.map((flag) => ['*', flag] as const), ...flagsOf(nodes)]
  const taking = flags.filter(([, { value }]) => value !== undefined)
  return `# refit for bash: eval "$(refit completion bash)"
_refit_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
_refit_names() { _refit_words "$("\${COMP_WORDS[0]}" "\${where[@]}" __names "$1" 2>/dev/null)"; }
_refit_files() {
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$cur"))
}
_refit() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" word at='' want='' i
  local -i pos=0
  local -a where=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ -n $want ]]; then
      case "$want" in --hub | --config | -c | --kubeconfig | --server | --token-file) where+=("$want" "$word") ;; esac
      want=''
      continue
    fi
    case "$at:$word" in
    ${patterns(taking)}) want="$word" ;;
    *:-*) ;;
    ${nodes
      .filter(({ path }) => path !== '')
      .map(({ path }) => quoted(entering(path)))
      .join(' | ')}) at="\${at:+$at }$word" ;;
    *) pos+=1 ;;
    esac
  done
  if [[ -n $want ]]; then
    case "$at:$want" in
${[...taking]
  .reverse()
  .map(([path, { names, value }]) => `    ${patternsOf(path, names)}) ${offer(value)} ;;`)
  .join('\n')}
    esac
    return
  fi
  if [[ $cur == -* ]]; then
    word='${wordsOf(globals)}'
    case "$at" in
${nodes
  .filter((node) => node.flags.length > 0)
  .map(({ path, flags: own }) => `    ${quoted(path)}) word+=' ${wordsOf(own)}' ;;`)
  .join('\n')}
    esac
    _refit_words "$word"
    return
  fi
  case "$at:$pos" in
${nodes.flatMap(placesOf).join('\n')}
  esac
}
complete -F _refit refit
`
}

const flagsOf = (nodes: readonly Node[]): (readonly [string, Flag])[] =>
  nodes.flatMap(({ path, flags }) => flags.map((flag) => [path, flag] as const))

const wordsOf = (flags: readonly Flag[]): string => flags.flatMap(({ names }) => names).join(' ')

const patternsOf = (path: string, names: readonly string[]): string =>
  names.map((name) => (path === '*' ? `*:${name}` : quoted(`${path}:${name}`))).join(' | ')

const patterns = (flags: readonly (readonly [string, Flag])[]): string =>
  flags.map(([path, { names }]) => patternsOf(path, names)).join(' | ')

function offer(value: Value | undefined): string {
  switch (value?.kind) {
    case 'words':
      return `_refit_words '${value.words.join(' ')}'`
    case 'names':
      return `_refit_names ${value.of}`
    case 'files':
      return '_refit_files'
    case 'any':
    case undefined:
      return ':'
  }
}

function placesOf({ path, children, args }: Node): string[] {
  if (children.length > 0)
    return [`  ${quoted(`${path}:0`)}) _refit_words '${children.map(({ name }) => name).join(' ')}' ;;`]
  return args.flatMap(({ value, repeats }, i) =>
    value.kind === 'any' ? [] : [`  ${quoted(path)}:${repeats ? '*' : i}) ${offer(value)} ;;`],
  )
}
