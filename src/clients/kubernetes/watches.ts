import type { Api } from './api'
import { Collection } from './collection'

/** A list that nobody needs any more is kept up to date for so long: the next workload of an upgrade asks for the same. */
const idleMs = 60_000

interface Shared {
  collection: Collection
  users: number
  idle?: NodeJS.Timeout
}

/** One list and watch for each path, shared by all who need it; begun when first needed, ended when nobody does. */
export class Watches {
  private readonly shared = new Map<string, Shared>()

  constructor(
    private readonly api: Api,
    private readonly keptMs = idleMs,
  ) {}

  /** Must be given back. */
  take(path: string): Collection {
    const one = this.shared.get(path) ?? { collection: new Collection(this.api, path), users: 0 }
    this.shared.set(path, one)
    clearTimeout(one.idle)
    one.users += 1
    return one.collection
  }

  giveBack(path: string): void {
    const one = this.shared.get(path)
    if (!one) return
    one.users -= 1
    if (one.users > 0) return
    one.idle = setTimeout(() => {
      this.shared.delete(path)
      one.collection.close()
    }, this.keptMs).unref()
  }

  close(): void {
    for (const { collection, idle } of this.shared.values()) {
      clearTimeout(idle)
      collection.close()
    }
    this.shared.clear()
  }
}
