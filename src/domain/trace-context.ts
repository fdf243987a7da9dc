/** A place in a trace, as https://www.w3.org/TR/trace-context/ has it. */
export interface TraceContext {
  /** 32 hex digits */
  traceId: string
  /** 16 hex digits */
  spanId: string
  sampled: boolean
}

const form = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/

/** What a `traceparent` says; undefined for whatever is none. */
export function parseTraceparent(text: unknown): TraceContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] = form.exec(typeof text === 'string' ? text : '') ?? []
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined
  return { traceId, spanId, sampled: (parseInt(flags, 16) & 1) === 1 }
}

export const traceparentOf = ({ traceId, spanId, sampled }: TraceContext): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`

/** A run's own place: a run id without its dashes is a trace id, which nobody has to look up. */
export function traceOfRun(runId: string): TraceContext {
  const traceId = runId.replace(/[^0-9a-f]/g, '').padStart(32, '1')
  return { traceId, spanId: spanIdOf(runId), sampled: true }
}

/** The same for the same text: what a workflow replays must not draw lots. FNV-1a of 64 bits. */
export function spanIdOf(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const letter of text) hash = BigInt.asUintN(64, (hash ^ BigInt(letter.codePointAt(0) ?? 0)) * 0x100000001b3n)
  return (hash || 1n).toString(16).padStart(16, '0')
}
