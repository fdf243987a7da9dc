import { AsyncLocalStorage } from 'node:async_hooks'
import http, { type ClientRequest } from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import { Client } from 'pg'

/** Called once a write has been answered that was begun in this context. */
type OnEffect = () => void

const context = new AsyncLocalStorage<OnEffect>()

/** Runs work and tells of each write that it makes outside this process: by HTTP, or a statement or a commit in a database. */
export const watchEffects = <T>(onEffect: OnEffect, work: () => Promise<T>): Promise<T> => context.run(onEffect, work)

const reads = new Set(['GET', 'HEAD', 'OPTIONS'])
const changes = /^\s*(insert|update|delete|create|alter|drop|truncate|merge|with)\b/i

/** Puts itself between this process and the rest of the world; once, before anything else is loaded. */
export function interceptWrites(): void {
  interceptHttp()
  interceptPostgres()
}

function interceptHttp(): void {
  for (const module of [http, https]) {
    const request = module.request.bind(module) as (...args: unknown[]) => ClientRequest
    const intercepted = (...args: unknown[]): ClientRequest => {
      const told = context.getStore()
      const made = request(...args)
      if (told && !reads.has(made.method)) made.once('response', told)
      return made
    }
    Object.assign(module, { request: intercepted })
  }
  syncBuiltinESMExports()
}

type Callback = (error: unknown, result: unknown) => void

function interceptPostgres(): void {
  const prototype = Client.prototype as unknown as { query: (...args: unknown[]) => unknown }

  const query = prototype.query
  /** whether the open transaction of a client has written */
  const open = new WeakMap<object, { wrote: boolean }>()
  prototype.query = function (this: object, ...args: unknown[]): unknown {
    const told = context.getStore()
    const [first] = args
    const text = typeof first === 'string' ? first : ((first as { text?: string } | undefined)?.text ?? '')
    const transaction = open.get(this)
    if (/^\s*begin/i.test(text)) open.set(this, { wrote: false })
    else if (/^\s*(commit|rollback)\b(?!\s+to)/i.test(text)) open.delete(this)
    else if (transaction && changes.test(text)) transaction.wrote = true
    const isEffect = transaction ? /^\s*commit/i.test(text) && transaction.wrote : changes.test(text)
    if (!told || !isEffect) return query.apply(this, args)
    const last = args.at(-1)
    if (typeof last === 'function') {
      const answered: Callback = (error, result) => {
        if (!error) told()
        ;(last as Callback)(error, result)
      }
      return query.apply(this, [...args.slice(0, -1), answered])
    }
    const answer = query.apply(this, args)
    if (!(answer instanceof Promise)) return answer
    return answer.then((result: unknown) => {
      told()
      return result
    })
  }
}
