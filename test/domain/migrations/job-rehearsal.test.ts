import { explainPlan } from '../../../src/domain/explain-plan'
import {
  jobRehearsalObjection,
  judgeJob,
  type JobRehearsal,
  type JobTrace,
} from '../../../src/domain/migrations/job-rehearsal'
import { noChange, type SchemaItem } from '../../../src/domain/migrations/schema-items'
import { planOf, policy } from '../fixtures'

const item = (kind: string, name: string, text = 'text', table?: string): SchemaItem => ({
  ...{ kind, name, text },
  ...(table === undefined ? {} : { table }),
})
const live = new Set(['table transfer', 'column transfer.amount'])
const judge = (trace: Partial<JobTrace>, sizes: [string, number][] = []) =>
  judgeJob({ changes: noChange, rewritten: [], ...trace }, (kind, name) => live.has(`${kind} ${name}`), new Map(sizes))
const rules = (judged: ReturnType<typeof judge>) => judged.findings.map(({ rule, answer }) => `${rule}: ${answer}`)

test.each<[string, Partial<JobTrace>, [string, number][], string, string, string[]]>([
  ['nothing changed', {}, [], 'light', 'go', []],
  ['a new table', { changes: { ...noChange, added: [item('table', 'fee')] } }, [], 'light', 'go', []],
  [
    'a new nullable column: its lock is not seen, and that is said',
    { changes: { ...noChange, added: [item('column', 'transfer.note', 'text', 'transfer')] } },
    [],
    'light',
    'go',
    ['locks-unseen: go'],
  ],
  [
    'a column that goes',
    { changes: { ...noChange, removed: [item('column', 'transfer.amount', 'integer', 'transfer')] } },
    [],
    'irreversible',
    'refused',
    expect.arrayContaining(['locks-unseen: go']) as never,
  ],
  [
    'a rewritten table of unknown size',
    { rewritten: ['transfer'] },
    [],
    'heavy',
    'needs-window',
    ['table-rewrite: needs-window'],
  ],
  ['a small one', { rewritten: ['transfer'] }, [['transfer', 10]], 'heavy', 'go', ['table-rewrite: go']],
  ['a huge one', { rewritten: ['transfer'] }, [['transfer', 1e9]], 'heavy', 'refused', ['table-rewrite: refused']],
  ['a table of its own', { rewritten: ['fee'] }, [], 'light', 'go', []],
  ['a failure', { failure: 'exit code 1' }, [], 'fails', 'refused', ['run-fails: refused']],
  ['a second run that fails', { again: 'fails' }, [], 'fails', 'refused', ['not-repeatable: refused']],
  ['a second run that changes something', { again: 'changes' }, [], 'light', 'go', ['not-repeatable: go']],
])('%s', (_what, trace, sizes, verdict, answer, found) => {
  const judged = judge(trace, sizes)
  expect(judged).toMatchObject({ verdict, answer })
  expect(rules(judged)).toEqual(found)
})

const finding = (answer: JobRehearsal['answer']) => ({
  findings: [{ rule: 'table-rewrite', answer, why: 'writes every row anew', safe: 'Backfill.' }],
})

test.each<[string, JobRehearsal['answer'], object, RegExp | undefined]>([
  ['go', 'go', {}, undefined],
  [
    'refused',
    'refused',
    { overrides: ['table-rewrite'], hasWindows: true },
    /^the rehearsal refuses this: writes every/,
  ],
  ['an override is wanted', 'needs-override', {}, /wants a person to take this upon them/],
  ['an override is there', 'needs-override', { overrides: ['table-rewrite'] }, undefined],
  ['another override is there', 'needs-override', { overrides: ['tightens'] }, /wants a person/],
  ['a window is wanted', 'needs-window', {}, /wants a window for this, and the policy has none/],
  ['the policy has windows', 'needs-window', { hasWindows: true }, undefined],
])('%s', (_what, answer, given, reason) => {
  const objection = jobRehearsalObjection(finding(answer), { hasWindows: false, ...given })
  if (reason)
    expect(objection).toMatchObject({
      reason: expect.stringMatching(reason) as string,
      next: expect.stringMatching(/^Backfill\. /) as string,
    })
  else expect(objection).toBeUndefined()
})

test('a plan says what the rehearsal said, or that there was none yet', () => {
  const job = {
    kind: 'job' as const,
    command: ['migrate'],
    deadlineMs: 1_000,
    rehearse: { copy: 'COPY_URL', env: 'DATABASE_URL' },
  }
  const plan = planOf({ policy: policy({ migrations: [job] }) })
  expect(explainPlan(plan, 'abcdef123456').join('\n')).toContain('not rehearsed yet: the worker does that')
  const rehearsal: JobRehearsal = {
    ...finding('go'),
    verdict: 'heavy',
    answer: 'needs-window',
    before: '',
    after: '',
    digest: '',
  }
  const rehearsed = { ...plan, migrations: [{ ...plan.migrations[0], rehearsal }] } as typeof plan
  expect(explainPlan(rehearsed, 'abcdef123456').join('\n')).toContain(
    'rehearsed: heavy (needs-window); table-rewrite: writes every row anew',
  )
})
