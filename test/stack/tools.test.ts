import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildEstimate, pinnedVersion, toolNames, toolPath, toolVersion } from '../../stack/tools'

test('every tool is pinned, and found by its version', () => {
  for (const name of toolNames) {
    expect(toolVersion(name)).toMatch(/^(v\d+\.\d+\.\d+|[0-9a-f]{12})$/)
    expect(toolPath(name)).toContain(`${name}-${toolVersion(name)}/${name}`)
  }
  expect(toolVersion('kubelet')).toBe(toolVersion('kube-apiserver'))
})

test('reads the required version of a module, not that of another with the same beginning', () => {
  const goMod =
    'require (\n\texample.org/a/b v9.9.9 // indirect\n\texample.org/a v1.2.3\n)\nrequire example.org/c v0.1.0\n'
  expect(pinnedVersion(goMod, 'example.org/a')).toBe('v1.2.3')
  expect(pinnedVersion(goMod, 'example.org/c')).toBe('v0.1.0')
  expect(pinnedVersion(goMod, 'example.org')).toBeUndefined()
})

test('the staging modules of Kubernetes are those of its version', () => {
  const goMod = readFileSync(join(__dirname, '../../stack/go/kubernetes/go.mod'), 'utf8')
  const replaced = [...goMod.matchAll(/^replace (\S+) => (\S+) (v\S+)$/gm)]
  expect(replaced.length).toBeGreaterThan(25)
  const staging = toolVersion('kube-apiserver').replace('v1.', 'v0.')
  for (const [, from, to, version] of replaced) expect([to, version]).toEqual([from, staging])
})

test('tells the build time of what is missing', () => {
  expect(buildEstimate(['pause'])).toBeLessThan(buildEstimate(['pause', 'kube-apiserver']))
})
