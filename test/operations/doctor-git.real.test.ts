import { parseConfig, type Config } from '../../src/config'
import { checkGit } from '../../src/operations/doctor/git'
import { type BareRepository, bareRepository } from '../support/bare-repository'

let repository: BareRepository
beforeAll(async () => {
  repository = await bareRepository({ 'apps/ledger.yaml': 'kind: Deployment\n' })
})
afterAll(() => repository.remove())

const policies = (branch: string, file: string, mode = 'approve'): Config =>
  parseConfig({
    name: 'refit.yaml',
    env: {},
    text: `hub: { name: h, environment: test }
policies:
  - { name: a, select: { namespaces: [hub], images: ['*'] }, mode: ${mode}, gitops: { repository: "${repository.path}", branch: ${branch}, file: "${file}" } }
`,
  })
const checked = async (config: Config) =>
  (await checkGit({ config: () => Promise.resolve(config), environment: { PATH: process.env.PATH } })).map(
    ({ state, message }) => `${state} ${message}`,
  )

test.each([
  ['main', 'apps/ledger.yaml', /^ok branch main can be read and pushed to$/],
  ['main', 'apps/{service}.yaml', /^ok branch main can be read and pushed to$/],
  ['main', 'apps/nothing.yaml', /^fail Branch main has no file apps\/nothing\.yaml\.$/],
  ['trunk', 'apps/ledger.yaml', /^fail .*trunk/],
])('branch %s with file %s', async (branch, file, expected) => {
  const before = await repository.tip()
  expect(await checked(policies(branch, file))).toEqual([expect.stringMatching(expected)])
  expect(await repository.tip()).toBe(before)
})

test('a policy that only watches commits nothing, so nothing is asked', async () => {
  expect(await checked(policies('trunk', 'x.yaml', 'watch'))).toEqual([])
})
