import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { permissionsDocs, permissionsDocsFile } from '../../scripts/permissions-docs'
import {
  clusterRules,
  kubernetesNeeds,
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
  return wordsOf(roles.flatMap(({ rules }) => rules))
}
const wordsOf = (rules: Role['rules']): string[] =>
  rules
    .flatMap(({ apiGroups, resources, verbs }) => rightsIn([{ group: apiGroups[0] ?? '', resources, verbs }]))
    .map((right) => `${right.group} ${rightWords(right)}`)
    .sort()
const wanted = (...needs: KubernetesNeed[]): string[] =>
  rightsIn(rulesFor(needs))
    .map((right) => `${right.group} ${rightWords(right)}`)
    .sort()

const watching: KubernetesNeed[] = ['scan', 'around']
const acting: KubernetesNeed[] = [...watching, 'upgrade', 'patch', 'pods', 'logs', 'jobs', 'proxy']
const all = [...kubernetesNeeds]

test.each<[string[], KubernetesNeed[]]>([
  [['role-watch'], watching],
  [['role-watch', 'role-approve'], acting],
  [['role-watch', 'role-approve', 'role-rehearse'], all],
])('%j of deploy/manifest give exactly what is needed, each verb once', (files, needs) => {
  expect(rightsOf(...files)).toEqual(wanted(...needs))
})

describe('the chart gives the same', () => {
  const template = readFileSync(join(__dirname, '../../deploy/chart/refit/templates/_rights.tpl'), 'utf8')
  const defined = (name: string): string[] => {
    const [, block = ''] = new RegExp(`define "refit\\.${name}" -}}\\n([^]*?)\\n{{- end }}`).exec(template) ?? []
    return wordsOf(parse(block) as Role['rules'])
  }

  test.each<[string[], KubernetesNeed[]]>([
    [['watchRules'], watching],
    [['watchRules', 'writeRules'], acting],
    [['watchRules', 'writeRules', 'rehearseRules'], all],
  ])('%j', (names, needs) => {
    expect(names.flatMap(defined).sort()).toEqual(wanted(...needs))
  })
})

test('the optional right on nodes', () => {
  const nodes = clusterRules.filter(({ name }) => name === 'nodes')
  expect(rightsOf('cluster-role-nodes')).toEqual(rightsIn(nodes).map((right) => ` ${rightWords(right)}`))
})

test('docs/permissions.md has every right as it is now (npx tsx scripts/permissions-docs.ts writes it)', () => {
  const written = readFileSync(permissionsDocsFile, 'utf8')
  expect(written).toBe(permissionsDocs(written))
})
