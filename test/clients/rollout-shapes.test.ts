import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { observationOf } from '../../src/clients/kubernetes/observe-rollout'
import type { Deployment, Pod, ReplicaSet } from '../../src/clients/kubernetes/wire'
import { judgeRollout, newMemory, type Verdict } from '../../src/domain/rollout'

const folder = join(__dirname, '../fixtures/rollout')
const rules = { stallMs: 120_000, deadlineMs: 600_000 }

interface Shape {
  deployment: Deployment
  replicaSets: ReplicaSet[]
  pods: Pod[]
}

/** What a real API server said, reduced; it goes on saying that until the rules have a verdict. */
function judged(name: string): { verdict: Verdict; second: number } {
  const { deployment, replicaSets, pods } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Shape
  const seen = observationOf(deployment, replicaSets, pods)
  let memory = newMemory(0)
  for (let second = 0; second <= 600; second += 1) {
    const look = judgeRollout(seen, { containers: seen.containers, digest: null }, rules, memory, second * 1000)
    if (look.verdict.kind !== 'progressing') return { verdict: look.verdict, second }
    memory = look.memory
  }
  throw new Error(`${name} has no verdict after 600 s`)
}

const table: [string, Verdict['kind'], string, number, string][] = [
  ['healthy', 'healthy', 'complete', 0, '3 of 3 new pods available'],
  ['rolled', 'healthy', 'complete', 0, '3 of 3 new pods available'],
  ['rolling-midway', 'failed', 'stall', 120, '0 of 3 new pods ready'],
  ['unready-early', 'failed', 'stall', 120, '0 of 3 new pods ready'],
  ['unready-deadline-exceeded', 'failed', 'deadline', 0, "Kubernetes' own progress deadline"],
  ['imagepull-err', 'failed', 'image-refused', 10, 'ErrImagePull'],
  ['imagepull-backoff', 'failed', 'image-refused', 10, 'ImagePullBackOff'],
  ['imagepull-deadline-exceeded', 'failed', 'deadline', 0, 'not found'],
  ['crash-first', 'failed', 'stall', 120, 'web ended with Error, exit code 3'],
  ['crashloop-backoff', 'failed', 'crash-loop', 12, 'web ended with Error, exit code 3'],
  ['crashloop-deadline-exceeded', 'failed', 'deadline', 0, 'web crash-loops'],
  ['config-error', 'failed', 'container-start', 10, 'configmap "missing-config" not found'],
  ['unschedulable', 'failed', 'unschedulable', 12, 'nodes are available'],
]

test.each(table)('%s: %s, %s, at second %i', (name, kind, reason, second, sentence) => {
  const { verdict, ...at } = judged(name)
  expect({ kind: verdict.kind, reason: verdict.reason, ...at }).toEqual({ kind, reason, second })
  expect(verdict.sentence).toContain(sentence)
})

test('every recorded shape is in the table', () =>
  expect(readdirSync(folder).sort()).toEqual(table.map(([name]) => `${name}.json`).sort()))
