import { quoted } from '../../domain/temporal-names'
import { completionTree, entering, type Flag, type Node, type Value } from './tree'

/** The script for zsh, for a file `_refit` in a folder of $fpath. */
export function zshScript(): string {
  const { nodes, globals } = completionTree()
  const taking = nodes.flatMap(({ path, flags }) =>
    flags.filter(({ value }) => value).map((flag) => [path, flag] as const),
  )
  const global = globals.filter(({ value }) => value).map((flag) => ['*', flag] as const)
  return `#compdef refit
# refit for zsh: refit completion zsh > "\${fpath[1]}/_refit"
_refit_names() {
  local -a found
  found=(\${(f)"$("$words[1]" $where __names "$1" 2>/dev/null)"})
  compadd -- $found
}
_refit() {
  local word at='' want='' i pos=0
  local -a where offers
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -n $want ]]; then
      case $want in (--hub|--config|-c|--kubeconfig|--server|--token-file) where+=($want $word) ;; esac
      want=''
      continue
    fi
    case "$at:$word" in
    (${[...taking, ...global].map(([path, { names }]) => patternsOf(path, names)).join('|')}) want=$word ;;
    (*:-*) ;;
    (${nodes
      .filter(({ path }) => path !== '')
      .map(({ path }) => quoted(entering(path)))
      .join('|')}) at="\${at:+$at }$word" ;;
    (*) ((pos += 1)) ;;
    esac
  done
  if [[ -n $want ]]; then
    case "$at:$want" in
${[...taking, ...global].map(([path, { names, value }]) => `    (${patternsOf(path, names)}) ${offer(value)} ;;`).join('\n')}
    esac
    return
  fi
  if [[ $words[CURRENT] == -* ]]; then
    offers=(${globals.map(described).join(' ')})
    case $at in
${nodes
  .filter(({ flags }) => flags.length > 0)
  .map(({ path, flags }) => `    (${quoted(path)}) offers+=(${flags.map(described).join(' ')}) ;;`)
  .join('\n')}
    esac
    _describe -o option offers
    return
  fi
  case "$at:$pos" in
${nodes.flatMap(placesOf).join('\n')}
  esac
}
if [[ \${funcstack[1]} == _refit ]]; then _refit "$@"; else compdef _refit refit; fi
`
}

const patternsOf = (path: string, names: readonly string[]): string =>
  names.map((name) => (path === '*' ? `*:${name}` : quoted(`${path}:${name}`))).join('|')

/** A colon ends the word. */
const pair = (name: string, words: string): string => quoted(`${name}:${words.replaceAll(':', '\\:')}`)
const described = ({ names, description }: Flag): string => names.map((name) => pair(name, description)).join(' ')

function offer(value: Value | undefined): string {
  switch (value?.kind) {
    case 'words':
      return `compadd -- ${value.words.map(quoted).join(' ')}`
    case 'names':
      return `_refit_names ${value.of}`
    case 'files':
      return '_files'
    case 'any':
    case undefined:
      return '_message value'
  }
}

function placesOf({ path, children, args }: Node): string[] {
  if (children.length > 0)
    return [
      `  (${quoted(`${path}:0`)}) offers=(${children.map(({ name, summary }) => pair(name, summary)).join(' ')}); _describe command offers ;;`,
    ]
  return args.flatMap(({ value, repeats }, i) =>
    value.kind === 'any' ? [] : [`  (${quoted(`${path}:`)}${repeats ? '*' : i}) ${offer(value)} ;;`],
  )
}
