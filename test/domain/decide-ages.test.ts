import type { TagSeen } from '../../src/domain/decide'
import type { Policy } from '../../src/domain/policy'
import { decided, digest, now, policy } from './fixtures'

const hour = 3_600_000
const seenAt = (hoursAgo: number, more: Partial<TagSeen> = {}): TagSeen => ({
  firstSeenAt: now - hoursAgo * hour,
  baseline: false,
  ...more,
})
const built = (hoursAgo: number) => ({ created: now - hoursAgo * hour })
const aged = (rules: Partial<Policy>) => policy({ minimumAgeMs: 24 * hour, ...rules })
const settled = (more: Partial<Policy> = {}) => policy({ settle: { forMs: 72 * hour, atMostMs: 240 * hour }, ...more })

/** v1.0.0 runs; the others were met so many hours ago. */
function scan(seen: Record<string, TagSeen>, rules: Policy, more: Parameters<typeof decided>[0] = {}, answers = {}) {
  return decided(
    { policy: rules, tags: { kind: 'list', tags: ['v1.0.0', ...Object.keys(seen)] }, ...more },
    { digestOf: (tag) => digest(tag === 'v1.0.0' ? 'a' : tag.slice(-1)), ...answers },
    { seen },
  )
}
const verdictOf = ({ decision }: ReturnType<typeof scan>, tag: string) =>
  decision.tags.find((each) => each.tag === tag)?.verdict

describe('minimumAge: the highest that is old enough', () => {
  test('is taken, the younger one is explained, and it is looked at again when that one is old enough', () => {
    const step = scan({ 'v1.0.1': seenAt(30), 'v1.0.2': seenAt(3) }, aged({}))
    expect(step.decision).toMatchObject({
      kind: 'candidate',
      candidate: { tag: 'v1.0.1', digest: digest('1'), since: { at: now - 30 * hour, source: 'refit' } },
    })
    expect(verdictOf(step, 'v1.0.2')).toBe('too-young')
    expect(step.revisitAt).toBe(now + 21 * hour)
  })

  test('when none is, the decision is held until one is', () => {
    const step = scan({ 'v1.0.1': seenAt(10), 'v1.0.2': seenAt(3) }, aged({}))
    expect(step.decision).toMatchObject({
      kind: 'held',
      holds: ['age'],
      holdUntil: now + 14 * hour,
      candidate: { tag: 'v1.0.2', digest: digest('2') },
    })
    expect(step.decision.reason).toContain('offered from 2026-11-25T09:00:00Z')
    expect(step.revisitAt).toBe(now + 14 * hour)
  })

  test('exactly old enough is old enough', () =>
    expect(scan({ 'v1.0.1': seenAt(24) }, aged({})).decision.kind).toBe('candidate'))

  test('a tag that nobody has seen before is seen now', () =>
    expect(decided({ policy: aged({}) }, {}, { seen: {} }).decision).toMatchObject({
      kind: 'held',
      holdUntil: now + 24 * hour,
    }))

  test('a re-push starts its age anew: on record, and when it is noticed just now', () => {
    const onRecord = scan({ 'v1.0.1': seenAt(90, { digest: digest('1'), digestSince: now - hour }) }, aged({}))
    expect(onRecord.decision).toMatchObject({ kind: 'held', holdUntil: now + 23 * hour })
    const justNow = scan({ 'v1.0.1': seenAt(90, { digest: digest('f') }) }, aged({}))
    expect(justNow.decision).toMatchObject({
      kind: 'held',
      holdUntil: now + 24 * hour,
      candidate: { digest: digest('1') },
    })
  })

  test('a young tag whose digest is on record costs no look-up; one without costs one, at most twenty', () => {
    const known = { digest: digest('1') }
    expect(scan({ 'v1.0.1': seenAt(1, known), 'v1.0.2': seenAt(1, known) }, aged({})).asked).toEqual([])
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`v1.0.${i + 1}`, seenAt(1)]))
    expect(scan(many, aged({})).asked).toEqual(Array.from({ length: 20 }, (_, i) => `v1.0.${40 - i}`))
  })

  test('so are the digests of young tags below a candidate, of which one may be what is left one day', () => {
    const step = scan({ 'v1.0.1': seenAt(1), 'v1.0.2': seenAt(1), 'v1.0.3': seenAt(48) }, aged({}))
    expect(step.decision.candidate?.tag).toBe('v1.0.3')
    expect(step.asked).toEqual(expect.arrayContaining(['v1.0.1', 'v1.0.2']))
  })

  test('young tags by the dozen do not hide one that is old enough', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`v1.0.${i + 2}`, seenAt(1)]))
    expect(scan({ ...many, 'v1.0.1': seenAt(48) }, aged({})).decision.candidate?.tag).toBe('v1.0.1')
  })
})

describe('the first scan', () => {
  const first = seenAt(1, { baseline: true })
  const imageOf = (hoursAgo?: number) => ({ imageOf: () => (hoursAgo === undefined ? {} : built(hoursAgo)) })

  test.each([
    ['counts by the publisher', 'publisher', 48, 'candidate', 'publisher'],
    ['who may say that it is young', 'publisher', 2, 'held', undefined],
    ['but not that it is from the future', 'publisher', -100, 'held', undefined],
    ['nor that it is older than containers', 'publisher', 400_000, 'held', undefined],
    ['who may say nothing', 'publisher', undefined, 'held', undefined],
    ['or counts from that scan on', 'wait', 48, 'held', undefined],
  ] as const)('%s', (_, firstScan, age, kind, source) => {
    const { decision } = scan({ 'v1.0.1': first }, aged({ firstScan }), {}, imageOf(age))
    expect(decision.kind).toBe(kind)
    if (source) expect(decision.candidate?.since).toEqual({ at: now - 48 * hour, source })
  })

  test('a digest that changed since counts from then, whatever the publisher says', () => {
    const seen = { 'v1.0.1': { ...first, digest: digest('1'), digestSince: now - hour } }
    expect(scan(seen, aged({}), {}, imageOf(500)).decision.holdUntil).toBe(now + 23 * hour)
  })

  test('asks for no more than twenty digests and six images', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`v1.0.${i + 1}`, first]))
    const { asked, decision } = scan(many, aged({}), {}, imageOf(2))
    expect(asked.filter((each) => !each.startsWith('image'))).toHaveLength(20)
    expect(asked).toHaveLength(26)
    expect(decision).toMatchObject({ kind: 'held', holds: ['age'] })
  })
})

describe('settle: only the newest known, once it is that old', () => {
  test('it holds a lower one that is old enough', () => {
    const step = scan({ 'v1.0.1': seenAt(100), 'v1.0.2': seenAt(10) }, settled())
    expect(step.decision).toMatchObject({ kind: 'held', holds: ['age'], holdUntil: now + 62 * hour })
    expect(verdictOf(step, 'v1.0.2')).toBe('settling')
    expect(verdictOf(step, 'v1.0.1')).toBe('superseded')
  })

  test('and takes the newest when nothing came for so long', () =>
    expect(scan({ 'v1.0.1': seenAt(100), 'v1.0.2': seenAt(73) }, settled()).decision.candidate?.tag).toBe('v1.0.2'))

  test('the longest hold ends it: then the highest that is old enough', () => {
    const busy = { 'v1.0.1': seenAt(241), 'v1.0.2': seenAt(80), 'v1.0.3': seenAt(10) }
    const step = scan(busy, settled())
    expect(step.decision).toMatchObject({ kind: 'candidate', candidate: { tag: 'v1.0.2' } })
    expect(step.revisitAt).toBe(now + 62 * hour)
  })

  test('and is looked at again when it ends', () =>
    expect(scan({ 'v1.0.1': seenAt(230), 'v1.0.2': seenAt(1) }, settled()).revisitAt).toBe(now + 10 * hour))

  test('with a longer minimum age the newest must be that old', () =>
    expect(scan({ 'v1.0.1': seenAt(80) }, settled({ minimumAgeMs: 100 * hour })).decision.holdUntil).toBe(
      now + 20 * hour,
    ))

  test('a quarantined newest is not what is waited for', () => {
    const quarantined = [{ tag: 'v1.0.2', digest: digest('2') }]
    const step = scan({ 'v1.0.1': seenAt(80), 'v1.0.2': seenAt(90) }, settled(), { quarantined })
    expect(step.decision.candidate?.tag).toBe('v1.0.1')
  })
})

describe('a version that is marked as a security fix', () => {
  const marks = { 'v1.0.2': { reason: 'CVE-2026-1', digest: digest('2') } }

  test('waits for no age, and is shown as such', () => {
    const step = scan({ 'v1.0.1': seenAt(48), 'v1.0.2': seenAt(1) }, aged({}), { marks })
    expect(step.decision.candidate).toMatchObject({ tag: 'v1.0.2', security: 'CVE-2026-1' })
  })

  test('is taken while the newest settles', () => {
    const step = scan({ 'v1.0.2': seenAt(1), 'v1.0.3': seenAt(1) }, settled(), { marks })
    expect(step.decision.candidate).toMatchObject({ tag: 'v1.0.2', security: 'CVE-2026-1' })
    expect(verdictOf(step, 'v1.0.3')).toBe('settling')
  })

  test('that was pushed again since is none: it waits, and is explained', () => {
    const other = { 'v1.0.2': { reason: 'CVE-2026-1', digest: digest('f') } }
    const step = scan({ 'v1.0.2': seenAt(1) }, aged({}), { marks: other })
    expect(step.decision).toMatchObject({ kind: 'held', holds: ['age'] })
    expect(step.decision.reason).toContain('pushed again since it was marked as a security fix')
    const old = scan({ 'v1.0.2': seenAt(48) }, aged({}), { marks: other })
    expect(old.decision.candidate).toMatchObject({ tag: 'v1.0.2' })
    expect(old.decision.candidate).not.toHaveProperty('security')
  })

  test('does not pass quarantine', () => {
    const quarantined = [{ tag: 'v1.0.2', digest: digest('2') }]
    expect(scan({ 'v1.0.2': seenAt(1) }, aged({}), { marks, quarantined }).decision.holds).toEqual(['quarantine'])
  })
})
