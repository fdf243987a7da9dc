import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lookedUp } from './licences'

/** CycloneDX, as far as it is looked at. */
export interface Sbom {
  components: { 'bom-ref': string; name: string; licenses?: object[] }[]
  dependencies: { ref: string; dependsOn?: string[] }[]
}

/** Tools of this build whose code gets into the page in dist/web: vite bundles them. */
const bundled: readonly string[] = ['react', 'react-dom', 'react-router', '@tanstack/react-query']
const maxBuffer = 64 * 1024 * 1024

/**
 * What is shipped, as CycloneDX: what dependencies and the page's bundle lead to. By its graph, because npm leaves out of
 * `sbom --omit=dev` what a tool needs as well.
 */
export function shippedSbom(root: string): Sbom {
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only']
  const all = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer })) as Sbom
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: object }
  const direct = new Set([...Object.keys(dependencies), ...bundled])
  const graph = new Map(all.dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]))
  const [top] = all.dependencies
  const start = (top?.dependsOn ?? []).filter((ref) => direct.has(ref.slice(0, ref.lastIndexOf('@'))))
  const shipped = reached(graph, start)
  return {
    ...all,
    components: all.components
      .filter((each) => shipped.has(each['bom-ref']))
      // A tool of the build that is bundled is no optional part.
      .map((each) => ({ ...each, ...licensed(each), scope: 'required' })),
    dependencies: [
      ...(top ? [{ ...top, dependsOn: start }] : []),
      ...all.dependencies.filter(({ ref }) => shipped.has(ref)),
    ],
  }
}

/** Where a package says nothing, what a person looked up. */
function licensed({ name, licenses = [] }: Sbom['components'][number]): { licenses?: object[] } {
  const id = lookedUp[name]
  return licenses.length === 0 && id !== undefined ? { licenses: [{ license: { id } }] } : {}
}

function reached(graph: ReadonlyMap<string, readonly string[]>, start: readonly string[]): Set<string> {
  const found = new Set(start)
  for (const ref of found) for (const next of graph.get(ref) ?? []) found.add(next)
  return found
}
