import { parseTraceparent, spanIdOf, traceOfRun, traceparentOf } from '../../src/domain/trace-context'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

test.each([
  [`00-${traceId}-${spanId}-01`, true],
  [`00-${traceId}-${spanId}-00`, false],
  [`00-${traceId}-${spanId}-03`, true],
  // A later version may add to it.
  [`01-${traceId}-${spanId}-01-more`, true],
])('%s says where in a trace it is', (text, sampled) => {
  expect(parseTraceparent(text)).toEqual({ traceId, spanId, sampled })
})

test.each([
  ...['', 'x', `00-${traceId}-${spanId}`, `00-${traceId.toUpperCase()}-${spanId}-01`, `00-${traceId}-xyz-01`],
  ...[`00-${'0'.repeat(32)}-${spanId}-01`, `00-${traceId}-${'0'.repeat(16)}-01`],
  ...[undefined, null, 7, {}, ['00']],
])('%j says nothing', (text) => {
  expect(parseTraceparent(text)).toBeUndefined()
})

test('a place is written as it is read', () => {
  const place = { traceId, spanId, sampled: true }
  expect(parseTraceparent(traceparentOf(place))).toEqual(place)
})

test('a run is found by its id: without dashes it is the trace', () => {
  const runId = '0198f7a2-5c3e-7d41-9a0b-2f6f1c9e4d55'
  expect(traceOfRun(runId)).toEqual({
    traceId: '0198f7a25c3e7d419a0b2f6f1c9e4d55',
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    sampled: true,
  })
  expect(traceOfRun(runId)).toEqual(traceOfRun(runId))
})

test('what hashes to a span is the same for the same text and another for another', () => {
  expect(spanIdOf('')).toBe('cbf29ce484222325')
  expect(spanIdOf('a')).toBe('af63dc4c8601ec8c')
  expect(new Set(Array.from({ length: 1_000 }, (_, i) => spanIdOf(`run/signal/${i}`))).size).toBe(1_000)
})
