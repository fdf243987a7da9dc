import { receive } from '../../src/domain/approval'
import { parseMessage, personVerbs, type Verb } from '../../src/domain/approval-message'
import { newVotes, plainRules, type Votes } from '../../src/domain/votes'
import { digest } from './fixtures'

const hash = '0123456789ab'
const full = hash.padEnd(64, 'c')
const waiting = (more: Partial<Votes> = {}): Votes => ({ ...newVotes(hash), ...more })
const approved = waiting({ status: 'approved', by: 'ann' })
const now = { rules: plainRules(true, 3_600_000), at: Date.parse('2026-11-24T10:00:00Z') }

/** Sends one message after the other; the answers, and what is left. */
function send(votes: Votes, ...messages: [Verb, unknown][]) {
  const answers: string[] = []
  for (const [verb, input] of messages) {
    const result = receive(votes, parseMessage(verb, input), now)
    answers.push(`${result.accepted ? 'yes' : 'no'}: ${result.message}`)
    votes = result.votes
  }
  return { votes, answers }
}

test.each<[string, Votes, Verb, unknown, string]>([
  ['an approval', waiting(), 'approve', { by: 'ann', planHash: hash }, 'yes: approved by ann'],
  [
    'with a comment',
    waiting(),
    'approve',
    { by: 'ann', planHash: hash, comment: 'fine' },
    'yes: approved by ann: fine',
  ],
  ['with the full hash', waiting(), 'approve', { by: 'ann', planHash: full }, 'yes: approved by ann'],
  ['in capitals', waiting(), 'approve', { by: 'ann', planHash: ` ${hash.toUpperCase()} ` }, 'yes: approved by ann'],
  [
    'of a plan known in full',
    waiting({ planHash: full }),
    'approve',
    { by: 'ann', planHash: hash },
    'yes: approved by ann',
  ],
  [
    'of another plan',
    waiting(),
    'approve',
    { by: 'ann', planHash: 'ffffffffffff' },
    `no: the plan is ${hash}, not ffffffffffff; read it again`,
  ],
  [
    'differing behind the twelfth digit',
    waiting({ planHash: full }),
    'approve',
    { by: 'ann', planHash: `${hash}d` },
    `no: the plan is ${full}, not ${hash}d; read it again`,
  ],
  [
    'with too few digits',
    waiting(),
    'approve',
    { by: 'ann', planHash: hash.slice(0, 11) },
    'no: planHash must be the first 12 or more hex digits of the plan',
  ],
  [
    'before the plan',
    newVotes(),
    'approve',
    { by: 'ann', planHash: hash },
    'no: the plan is not made yet; read it first',
  ],
  ['a second one', approved, 'approve', { by: 'bob', planHash: hash }, 'no: already approved by ann'],
  [
    'a late rejection',
    approved,
    'reject',
    { by: 'bob', planHash: hash },
    'no: already approved by ann; withdraw takes an approval back, abort stops it and rolls back',
  ],
  ['a rejection', waiting(), 'reject', { by: 'bob', planHash: hash }, 'yes: rejected by bob'],
  [
    'with its reason',
    waiting(),
    'reject',
    { by: 'bob', planHash: hash, reason: 'month end' },
    'yes: rejected by bob: month end',
  ],
  [
    'of another plan',
    waiting(),
    'reject',
    { by: 'bob', planHash: 'ffffffffffff' },
    `no: the plan is ${hash}, not ffffffffffff; read it again`,
  ],
  ['an abort while waiting', waiting(), 'abort', { by: 'bob', reason: 'stop' }, 'yes: aborted by bob: stop'],
  ['an abort after the approval', approved, 'abort', { by: 'bob' }, 'yes: aborted by bob'],
  ['an abort while it is carried out', { ...approved, underway: true }, 'abort', { by: 'bob' }, 'yes: aborted by bob'],
  ['an abort before the plan', newVotes(), 'abort', { by: 'bob' }, 'yes: aborted by bob'],
  [
    'a second abort',
    waiting({ abort: { by: 'bob', reason: '' } }),
    'abort',
    { by: 'ann' },
    'no: already aborted by bob',
  ],
  [
    'an approval after an abort',
    waiting({ abort: { by: 'bob', reason: '' } }),
    'approve',
    { by: 'ann', planHash: hash },
    'no: already aborted by bob',
  ],
  [
    'an approval after the end',
    waiting({ closed: 'expired' }),
    'approve',
    { by: 'ann', planHash: hash },
    'no: the upgrade has ended (expired)',
  ],
  [
    'an abort after the end',
    { ...approved, closed: 'succeeded' },
    'abort',
    { by: 'ann' },
    'no: the upgrade has ended (succeeded)',
  ],
  [
    'something newer while waiting',
    waiting(),
    'supersede',
    { tag: 'v1.0.2', digest: digest('c') },
    'yes: v1.0.2 is newer',
  ],
  [
    'something newer after the approval',
    approved,
    'supersede',
    { tag: 'v1.0.2', digest: digest('c') },
    'no: already approved by ann',
  ],
  [
    'something newer once it is carried out',
    waiting({ underway: true }),
    'supersede',
    { tag: 'v1.0.2', digest: digest('c') },
    'no: it is already being carried out',
  ],
  [
    'an approval of what is superseded',
    waiting({ status: 'superseded' }),
    'approve',
    { by: 'ann', planHash: hash },
    'no: already superseded',
  ],
])('%s', (_, votes, verb, input, expected) => {
  const before = JSON.stringify(votes)
  expect(send(votes, [verb, input]).answers).toEqual([expected])
  expect(JSON.stringify(votes)).toBe(before)
})

test('what was decided is kept with who and why', () => {
  const vote = { by: 'ann', planHash: hash, reason: 'fine' }
  expect(send(waiting(), ['approve', vote]).votes).toMatchObject({
    status: 'approved',
    by: 'ann',
    reason: 'fine',
    refusals: [],
  })
  expect(send(waiting(), ['reject', vote]).votes).toMatchObject({ status: 'rejected', by: 'ann', reason: 'fine' })
  expect(send(waiting(), ['abort', vote]).votes).toMatchObject({
    status: 'waiting',
    abort: { by: 'ann', reason: 'fine' },
  })
})

test('the newest 20 refusals are kept; a scan that repeats itself leaves none', () => {
  const messages = Array.from({ length: 25 }, (_, i): [Verb, unknown] => [
    'approve',
    { by: `p${i}`, planHash: 'ffffffffffff' },
  ])
  const { votes } = send(waiting(), ...messages)
  expect(votes.refusals).toHaveLength(20)
  expect(votes.refusals.at(-1)).toMatchObject({ verb: 'approve', by: 'p24' })
  expect(send(approved, ['supersede', { tag: 'v2', digest: digest('c') }]).votes.refusals).toEqual([])
})

const deep = JSON.parse(`${'{"by":'.repeat(5_000)}1${'}'.repeat(5_000)}`) as unknown
const trap = {
  get by(): string {
    throw new Error('no')
  },
}

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a string', 'approve it'],
  ['a number', 7],
  ['true', true],
  ['an array', [{ by: 'ann', planHash: hash }]],
  ['an empty object', {}],
  ['a megabyte', 'x'.repeat(1_000_000)],
  ['a megabyte of a name', { by: 'x'.repeat(1_000_000), planHash: hash }],
  ['something deep', deep],
  ['a nested name', { by: { name: 'ann' }, planHash: hash }],
  ['a blank name', { by: ' \n\t ', planHash: hash }],
  ['an object that throws', trap],
  ['a foreign prototype', Object.create(null)],
])('%s is refused, whatever the verb, and never throws', (_, input) => {
  for (const verb of [...personVerbs, 'supersede'] as const) {
    const result = receive(waiting(), parseMessage(verb, input), now)
    expect(result.accepted).toBe(false)
    expect(result.votes.refusals).toHaveLength(1)
    expect(JSON.stringify(result.votes).length).toBeLessThan(600)
  }
})

test.each([
  ['a planHash that is no text', { by: 'ann', planHash: 1234567890123 }],
  ['a planHash that is no hex', { by: 'ann', planHash: 'not-a-hash-at-all' }],
  ['a planHash of a megabyte', { by: 'ann', planHash: '0'.repeat(1_000_000) }],
])('%s is refused with the name kept', (_, input) =>
  expect(parseMessage('approve', input)).toMatchObject({ ok: false, by: 'ann' }),
)

test('texts are one clean line of bounded length', () => {
  const parsed = parseMessage('abort', { by: ' Ann\u0000\n\u202eB ', reason: `${'r'.repeat(5_000)}` })
  expect(parsed).toMatchObject({ ok: true, message: { verb: 'abort', by: 'Ann B', reason: 'r'.repeat(1_000) } })
})
