import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '../..')

interface Sbom {
  bomFormat: string
  components: { name: string; version: string; purl: string; licenses?: object[]; hashes?: object[] }[]
}

test('what is shipped is listed with version, hash and licence, without the tools that build and test, and the same each time', () => {
  const list = () =>
    execFileSync(join(root, 'node_modules/.bin/tsx'), [join(root, 'scripts/supply/sbom.ts')], { encoding: 'utf8' })
  const first = list()
  expect(list()).toBe(first)
  const { bomFormat, components } = JSON.parse(first) as Sbom
  expect(bomFormat).toBe('CycloneDX')
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >
  const listed = new Set(components.flatMap(({ name, version }) => [name, `${name}@${version}`]))
  expect(Object.entries(dependencies).filter(([name, version]) => !listed.has(`${name}@${version}`))).toEqual([])
  // The page's code is bundled from tools of the build.
  for (const name of ['react-dom', '@tanstack/query-core']) expect([name, listed.has(name)]).toEqual([name, true])
  for (const tool of ['jest', 'eslint', '@sigstore/mock']) {
    expect(devDependencies).toHaveProperty([tool])
    expect(listed.has(tool)).toBe(false)
  }
  expect(components.filter(({ licenses = [], hashes = [] }) => licenses.length === 0 || hashes.length === 0)).toEqual(
    [],
  )
})
