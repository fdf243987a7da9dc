import { parseArgs } from 'node:util'
import { componentOf } from './components'
import { provenanceOf } from '../supply/provenance'
import { cutRelease, taggedRelease } from './release'
import { nextRelease } from './version'

const usage = `npm run release -- COMMAND
  next [--component NAME]         the version that comes next on this branch, and why
  cut [--component NAME]          tag it, with its notes; nothing is pushed
  notes --tag TAG                 the notes of a release, as Markdown
  labels --tag TAG                the labels of its image, as arguments of docker build, a line each
  image --tag TAG                 component, image, dockerfile and version, as NAME=VALUE lines
  provenance --tag TAG --image NAME --digest sha256:… --builder URL   an in-toto statement (SLSA v1)
Each takes --folder PATH (a clone; the working directory by default) and --source URL.`

/** What a command of `npm run release` prints; throws an error whose message says what is wrong. */
export function main(args: string[]): string {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      component: { type: 'string', default: 'refit' },
      tag: { type: 'string' },
      folder: { type: 'string', default: '.' },
      source: { type: 'string' },
      image: { type: 'string' },
      digest: { type: 'string' },
      builder: { type: 'string' },
    },
  })
  const { component, folder } = values
  const tagged = () => taggedRelease(folder, needed('tag', values.tag), values.source)
  const commands: Record<string, () => string> = {
    next: () => nextWords(folder, component),
    cut() {
      const { tag, branch, made } = cutRelease(folder, component)
      return `${tag}\n${made ? `branch ${branch} made; ` : ''}push: git push --atomic origin ${tag} HEAD ${branch}`
    },
    notes: () => tagged().markdown,
    labels: () =>
      Object.entries(tagged().labels)
        .map(([name, text]) => `--label=${name}=${text}`)
        .join('\n'),
    image() {
      const { component: of, version } = tagged()
      return `component=${of.name}\nimage=${of.image}\ndockerfile=${of.dockerfile}\nversion=v${version}`
    },
    provenance: () =>
      JSON.stringify(
        provenanceOf(folder, tagged(), {
          image: needed('image', values.image),
          digest: needed('digest', values.digest),
          builder: needed('builder', values.builder),
        }),
        null,
        2,
      ),
  }
  const command = commands[positionals[0] ?? '']
  if (!command) throw new Error(usage)
  return command()
}

function needed(name: string, value: string | undefined): string {
  if (value === undefined) throw new Error(`--${name} is missing\n${usage}`)
  return value
}

function nextWords(folder: string, name: string): string {
  const { current, next, bump, commits } = nextRelease(folder, componentOf(name))
  if (next === undefined) return `nothing of ${name} to release since ${current ?? 'the beginning'}`
  return [
    `${next} (${bump} after ${current ?? 'nothing'})`,
    ...commits.map(({ hash, type, subject }) => `  ${hash.slice(0, 12)} ${type}: ${subject}`),
  ].join('\n')
}
