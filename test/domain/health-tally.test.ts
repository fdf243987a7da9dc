import { type HealthSample, serviceAsked, tallyHealth } from '../../src/domain/health-tally'

describe('rounds of answers', () => {
  const said = {
    o: { kind: 'ok', sentence: 'fine' },
    b: { kind: 'bad', sentence: 'DOWN' },
    u: { kind: 'unknown', sentence: 'away' },
  } as const
  /** One letter per round and pod. */
  const rounds = (pods: Record<string, string>) => {
    const length = Math.max(...Object.values(pods).map((letters) => letters.length))
    let tally = {}
    for (let i = 0; i < length; i += 1) {
      const samples = Object.entries(pods).flatMap(([pod, letters]) => {
        const letter = letters[i] as 'o' | 'b' | 'u' | undefined
        return letter ? [{ pod, check: 0, verdict: said[letter] }] : []
      })
      const result = tallyHealth(tally, samples)
      if (result.failed) return result.failed.sentence
      tally = result.tally
    }
    return 'fine'
  }
  test.each<[string, Record<string, string>, string]>([
    ['all good', { a: 'ooo', b: 'ooo' }, 'fine'],
    ['one hiccup', { a: 'obo', b: 'ooo' }, 'fine'],
    ['two in a row', { a: 'obb', b: 'ooo' }, 'a: DOWN'],
    ['two of two pods are no row', { a: 'bo', b: 'ob' }, 'fine'],
    ['unknown never fails', { a: 'uuuuuu' }, 'fine'],
    ['but does not clear either', { a: 'bub' }, 'a: DOWN'],
    ['every other one', { a: 'bobobo' }, 'fine'],
  ])('%s', (_, pods, expected) => expect(rounds(pods)).toBe(expected))

  test('pods that are gone are forgotten, what could not be read is told', () => {
    expect(tallyHealth({ gone: 1, a: 1 }, [{ pod: 'a', check: 0, verdict: said.u }])).toEqual({
      tally: { a: 1 },
      blind: 'a: away',
      pending: 'a gave a bad answer; asked again',
    })
  })

  test('one bad check of several is a bad round', () => {
    const samples = [said.o, said.b, said.u].map((verdict, check) => ({ pod: 'a', check, verdict }))
    expect(tallyHealth({ a: 1 }, samples).failed).toEqual({ check: 1, sentence: 'a: DOWN' })
  })

  const ofService = (verdict: HealthSample['verdict'], isSure = false): HealthSample => ({
    ...{ pod: serviceAsked(2), check: 2, verdict },
    ...(isSure ? { isSure } : {}),
  })

  test('what stands for several answers is enough alone, and is told without a pod', () =>
    expect(tallyHealth({}, [ofService(said.b, true)]).failed).toEqual({ check: 2, sentence: 'DOWN' }))

  test('a first bad answer, and what it is too early to tell, keep a stage from ending well', () => {
    expect(tallyHealth({}, [ofService(said.b)])).toEqual({ tally: { '#2': 1 }, pending: 'DOWN; asked again' })
    const early = ofService({ kind: 'waiting', sentence: 'smoke test runs' }, true)
    expect(tallyHealth({}, [early])).toEqual({ tally: { '#2': 0 }, pending: 'smoke test runs' })
  })
})
