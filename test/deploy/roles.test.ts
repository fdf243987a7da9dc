import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { permissionsDocs, permissionsDocsFile } from '../../scripts/permissions-docs'
import {
  clusterRules,
  kubernetesRules,
  rightsIn,
  rightWords,
  rulesFor,
  type KubernetesNeed,
} from '../../src/domain/permissions'

type Role = { kind: string; rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[] }

const rightsOf = (...files: string[]): string[] => {
  const texts = files.map((file) => readFileSync(join(__dirname, '../../deploy/manifest', `${file}.yaml`), 'utf8'))
  const roles = texts
    .flatMap((text) => parseAllDocuments(text).map((each) => each.toJS() as Role))
    .filter(({ kind }) => kind.endsWith('Role'))
  return roles
    .flatMap(({ rules }) => rules)
    .flatMap(({ apiGroups, resources, verbs }) => rightsIn([{ group: apiGroups[0] ?? '', resources, verbs }]))
    .map((right) => `${right.group} ${rightWords(right)}`)
    .sort()
}
const wanted = (...needs: KubernetesNeed[]): string[] =>
  rightsIn(rulesFor(needs))
    .map((right) => `${right.group} ${rightWords(right)}`)
    .sort()

test.each<[string[], KubernetesNeed[]]>([
  [['role-watch'], ['scan', 'around']],
  [
    ['role-watch', 'role-approve'],
    ['scan', 'around', 'upgrade', 'patch', 'pods', 'logs', 'jobs', 'proxy'],
  ],
  [['role-watch', 'role-approve', 'role-rehearse'], [...new Set(kubernetesRules.map(({ need }) => need))]],
])('%j of deploy/manifest give exactly what is needed, each verb once', (files, needs) => {
  expect(rightsOf(...files)).toEqual(wanted(...needs))
})

test('the optional right on nodes', () => {
  const nodes = clusterRules.filter(({ name }) => name === 'nodes')
  expect(rightsOf('cluster-role-nodes')).toEqual(rightsIn(nodes).map((right) => ` ${rightWords(right)}`))
})

test('docs/permissions.md has every right as it is now (npx tsx scripts/permissions-docs.ts writes it)', () => {
  const written = readFileSync(permissionsDocsFile, 'utf8')
  expect(written).toBe(permissionsDocs(written))
})
