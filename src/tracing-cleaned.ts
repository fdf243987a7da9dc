import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-node'
import { errorCodes } from './domain/errors'

/** Texts of these were written by Refit, which puts no secret into them. */
const ownErrors: ReadonlySet<unknown> = new Set(['ApplicationFailure', ...errorCodes])

/**
 * Takes out of a span what a library put there and nobody has looked at: texts and stacks of errors that are not Refit's
 * own may quote an address with its password, or a row.
 */
export function withoutSecrets(next: SpanProcessor): SpanProcessor {
  return {
    onStart: (span, parent) => next.onStart(span, parent),
    onEnd(span) {
      clean(span)
      next.onEnd(span)
    },
    forceFlush: () => next.forceFlush(),
    shutdown: () => next.shutdown(),
  }
}

function clean({ events, status }: ReadableSpan): void {
  let isOwn = true
  for (const { attributes } of events) {
    if (!attributes) continue
    delete attributes['exception.stacktrace']
    if (ownErrors.has(attributes['exception.type'])) continue
    isOwn = false
    delete attributes['exception.message']
  }
  if (!isOwn) delete status.message
}
