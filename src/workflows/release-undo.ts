import { causeOf } from './cause'
import { quick, watching } from './proxies'
import type { ReleaseDesk } from './release-desk'

/**
 * Puts back what the release began: the last first, one after the other, each waited for. What goes before a service
 * that could not be put back is kept, because that one may need it; everything else goes on. Returns what is not back,
 * in words.
 */
export async function undoAll(desk: ReleaseDesk, reason: string): Promise<string[]> {
  const { releaseId, release } = desk.input
  const failed: string[] = []
  const words = `put back with release ${release}: ${reason}`
  for (const { namespace, service } of await quick.begunServices({ releaseId })) {
    const id = `${namespace}/${service}`
    try {
      const undone = await watching.undoUpgrade.executeWithOptions({ summary: `put back ${id}` }, [
        { releaseId, namespace, service, reason: words },
      ])
      if (undone.kind === 'kept' || undone.kind === 'failed') failed.push(undone.message)
      else if (undone.kind === 'put-back')
        await desk.record({ key: `undone/${id}`, kind: 'undone', message: `${id} is put back` })
    } catch (error) {
      failed.push(`${id}: ${causeOf(error)}`)
    }
  }
  return failed
}
