import type { IncomingHttpHeaders } from 'node:http'
import type { Writable } from 'node:stream'
import type { Dispatcher } from 'undici'

/** More came than was asked for; the connection is closed. */
export class TooLong extends Error {}

/** The time is up. */
export class TooLate extends Error {}

export interface Exchanged {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

interface Limits {
  /** one deadline over connecting, waiting and reading, so that a slow drip ends as well */
  timeoutMs: number
  /** bytes of body that are read of an answer with this status */
  maxBytes: (status: number) => number
  signal?: AbortSignal
  /** takes the body of a 200 as it comes, in place of `body`; made when the answer begins, destroyed when it ends early */
  into?: () => Writable
}

/**
 * One request and its whole answer. Straight on undici's handlers: a stream and an abort signal for each of thousands of
 * small answers would cost more than the answers. Rejects with TooLate, TooLong, the signal's reason or undici's error.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { timeoutMs, maxBytes, signal, into }: Limits,
): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    let ended: Error | undefined
    const end = (): void => {
      clearTimeout(deadline)
      signal?.removeEventListener('abort', onAbort)
    }
    const fail = (error: Error): void => {
      end()
      ended = error
      sink?.destroy(error)
      // Before its connection is there a request can't be taken back; it is when it starts.
      if (controller && !controller.aborted) controller.abort(error)
      reject(error)
    }
    const onAbort = (): void => fail(signal?.reason as Error)
    const deadline = setTimeout(() => fail(new TooLate()), timeoutMs)
    signal?.addEventListener('abort', onAbort)

    let status = 0
    let headers: IncomingHttpHeaders = {}
    let most = 0
    let size = 0
    const chunks: Buffer[] = []
    let sink: Writable | undefined
    let isOver = false
    const open = (make: () => Writable): void => {
      sink = make()
      sink.on('drain', () => controller?.resume())
      // What goes wrong with the last bytes, after the answer has ended, is told by the sink alone.
      sink.on('error', (error) => (ended ?? isOver) || fail(error))
    }
    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started
        if (ended) started.abort(ended)
      },
      onResponseStart(_, statusCode, found) {
        status = statusCode
        headers = found
        most = maxBytes(status)
        if (Number(found['content-length'] ?? 0) > most) return fail(new TooLong())
        if (status === 200 && into) open(into)
      },
      onResponseData(started, chunk) {
        size += chunk.byteLength
        if (size > most) return fail(new TooLong())
        if (!sink) chunks.push(chunk)
        else if (!sink.write(chunk)) started.pause()
      },
      onResponseEnd() {
        end()
        isOver = true
        sink?.end()
        resolve({ status, headers, body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) })
      },
      onResponseError(_, error) {
        if (!ended) fail(error)
      },
    })
  })
}
