import { randomBytes } from 'node:crypto'
import { type Change, mergeChanges } from '../domain/change-topic'
import { RefitError } from '../domain/errors'
import type { ApiDeps } from './types'

/** Where events go to. `false`: it takes no more for now. */
export interface Stream {
  person: string
  write(text: string): void
  end(): void
}

export interface ChangeStreams {
  /** Throws RATE_LIMITED where the person has too many already. `after`: the id of the last event that was seen. */
  add(stream: Stream, after: string | undefined): void
  remove(stream: Stream): void
  close(): Promise<void>
}

const perPerson = 10
const altogether = 1_000
/** What comes within this time is told as one. */
const gatherMs = 100
/** Whoever was away for longer asks for everything again. */
const remembered = 500

/** All open streams of changes. Listens to the store from the first one on. */
export function changeStreams(listen: ApiDeps['changes']): ChangeStreams {
  // Another process counts anew: an id of before must not be taken for one of now.
  const process = randomBytes(4).toString('hex')
  const streams = new Set<Stream>()
  const told: { position: number; text: string }[] = []
  let listening: { close: () => Promise<void> } | undefined
  let gathered: Change[] = []
  let timer: NodeJS.Timeout | undefined
  let position = 0

  const tell = (event: 'changed' | 'resync', data: object): void => {
    position += 1
    const text = eventText(`${process}-${position}`, event, data)
    told.push({ position, text })
    if (told.length > remembered) told.shift()
    for (const stream of streams) stream.write(text)
  }
  const flush = (): void => {
    timer = undefined
    const changes = mergeChanges(gathered)
    gathered = []
    for (const change of changes) tell('changed', change)
  }
  const start = (): { close: () => Promise<void> } =>
    listen({
      changed(change) {
        gathered.push(change)
        timer ??= setTimeout(flush, gatherMs)
      },
      missed: () => tell('resync', {}),
    })

  return {
    add(stream, after) {
      const theirs = [...streams].filter(({ person }) => person === stream.person)
      if (theirs.length >= perPerson || streams.size >= altogether)
        throw new RefitError('RATE_LIMITED', 'There are too many open streams.', 'Close some pages.', {
          retryAfterMs: 10_000,
        })
      listening ??= start()
      streams.add(stream)
      if (after !== undefined) stream.write(since(after))
    },
    remove: (stream) => void streams.delete(stream),
    async close() {
      clearTimeout(timer)
      for (const stream of streams) stream.end()
      streams.clear()
      await listening?.close()
    },
  }

  /** What was told after this event, or that it isn't known any more. */
  function since(after: string): string {
    const [of, at] = after.split('-')
    const seen = Number(at)
    const oldest = told[0]?.position ?? position + 1
    if (of !== process || !Number.isInteger(seen) || seen > position || seen < oldest - 1)
      return eventText(`${process}-${position}`, 'resync', {})
    return told
      .filter((each) => each.position > seen)
      .map(({ text }) => text)
      .join('')
  }
}

const eventText = (id: string, event: string, data: object): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
