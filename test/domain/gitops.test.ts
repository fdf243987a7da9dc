import { commitIn, commitMessage, committedWords, filledIn, isCommitOf, wouldSetBack } from '../../src/domain/gitops'
import { explainPlan } from '../../src/domain/explain-plan'
import { digest, gitops, planOf, policy } from './fixtures'

const plan = planOf({ policy: policy({ gitops }) })
const step = { plan, planHash: '3fa9c0ffee12', upgradeId: '3fa9c0ffee12-1', workload: 'ledger-api' }
const sha = 'c'.repeat(40)

test('names stand in a path', () => {
  const names = { namespace: 'hub', service: 'ledger', workload: 'ledger-api' }
  expect(filledIn('apps/{namespace}/{service}/{workload}/{other}.yaml', names)).toBe(
    'apps/hub/ledger/ledger-api/{other}.yaml',
  )
})

test('a commit says what it does, by which plan, of which hub', () => {
  const message = commitMessage(step)
  expect(message).toBe(`refit: hub/ledger v1.0.0 → v1.0.1

Sets ledger-api to v1.0.1@${digest('b')}.

Refit-Hub: green-hub (test)
Refit-Plan: 3fa9c0ffee12
Refit-Upgrade: 3fa9c0ffee12-1
`)
  expect(isCommitOf(message, '3fa9c0ffee12-1')).toBe(true)
  expect(isCommitOf(message, '3fa9c0ffee12-10')).toBe(false)
})

test.each([
  [sha, `This reverts commit ${sha}.`],
  [undefined, 'This sets ledger-api back to v1.0.0.'],
])('a rollback is a revert of %s', (commit, words) => {
  const message = commitMessage({ ...step, reverts: { commit } })
  expect(message).toMatch(/^Revert "refit: hub\/ledger v1\.0\.0 → v1\.0\.1"\n\n/)
  expect(message).toContain(words)
})

test('the commit is read out of what is recorded of it', () => {
  expect(commitIn(committedWords('api set to v2', 'a.yaml', 'main', sha))).toBe(sha)
  expect(commitIn(committedWords('api set to v2', 'a.yaml', 'main', undefined))).toBeUndefined()
  expect(commitIn(undefined)).toBeUndefined()
})

test('a plan with gitops says so, and one without is what it was', () => {
  expect(explainPlan(plan, 'x').join('\n')).toContain(
    'gitops: commits the image to apps/{service}.yaml of branch main of https://git.example.org/hub/deploy.git and waits at most 10 min',
  )
  expect(JSON.stringify(planOf())).not.toContain('gitops')
})

test.each([
  ['argocd', {}, true],
  ['argocd', { helmDrift: 'accept' }, true],
  ['helm', {}, true],
  ['helm', { helmDrift: 'accept' }, false],
  ['flux', { gitops }, false],
] as const)('whether %s with %j would set it back: %s', (tool, rules, expected) => {
  expect(wouldSetBack({ tool, name: 'moja' }, rules)).toBe(expected)
})
