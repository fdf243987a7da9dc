import type { Api } from './api'
import { isSuccess } from './api'
import type { KubernetesObject } from './watch-objects'

const kept = 10_000

/**
 * The newest version of each object that this process has read or written itself, by path. Watches are moments behind, and
 * a look that shows less than what was just written would be taken for somebody's change.
 */
export class KnownVersions {
  private readonly versions = new Map<string, string>()

  of(path: string): string | undefined {
    return this.versions.get(path)
  }

  /** The same API; what its answers say is remembered. */
  noting(api: Api): Api {
    return {
      ...api,
      json: async <T>(call: Parameters<Api['json']>[0]): Promise<T> => {
        const object = await api.json<T>(call)
        this.note(call.path, object as KubernetesObject)
        return object
      },
      send: async (call) => {
        const answer = await api.send(call)
        const isWritten = call.method === 'PATCH' && isSuccess(answer) && call.query?.dryRun === undefined
        if (isWritten) this.note(call.path, JSON.parse(answer.body.toString('utf8')) as KubernetesObject)
        return answer
      },
    }
  }

  private note(path: string, object: KubernetesObject): void {
    const version = object.metadata?.resourceVersion
    if (!version || isOlder(version, this.versions.get(path))) return
    this.versions.delete(path)
    this.versions.set(path, version)
    const oldest = this.versions.keys().next()
    if (this.versions.size > kept && !oldest.done) this.versions.delete(oldest.value)
  }
}

/** Versions of one object are numbers that grow (KEP-5504); what is none can't be compared, and counts as older. */
export function isOlder(version: string | undefined, than: string | undefined): boolean {
  if (than === undefined || version === than) return false
  if (!isNumber.test(version ?? '') || !isNumber.test(than)) return true
  return BigInt(version as string) < BigInt(than)
}

const isNumber = /^\d+$/
