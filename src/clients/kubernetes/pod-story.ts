import type { Kubernetes } from '../contracts'
import { type Api, isSuccess, paths } from './api'
import { failureOf } from './errors'
import { instant, type Wire } from './wire'
import type { CoreV1Event } from '@kubernetes/client-node'

/** What pods logged, and what Kubernetes said of them: for a diagnosis. */
export function podStories(api: Api): Pick<Kubernetes, 'podLog' | 'podWarnings'> {
  return {
    podLog: async (namespace, pod, { container, previous, lines, bytes, timeoutMs }) => {
      const doing = `read the log of pod ${namespace}/${pod}`
      const answer = await api.send({
        method: 'GET',
        path: `${paths.pods(namespace, pod)}/log`,
        query: { container, tailLines: lines, ...(previous ? { previous: 'true' } : {}) },
        timeoutMs,
        limit: { bytes, keep: 'end' },
        doing,
      })
      // 400: the container has not started, or has no run before. 404: the pod has gone.
      if (answer.status === 400 || answer.status === 404) return ''
      if (!isSuccess(answer)) throw failureOf(answer, doing)
      // The cut may go through a letter of several bytes.
      return answer.body.toString('utf8').replace(/^\ufffd+/, '')
    },
    podWarnings: async (namespace, pod, signal) => {
      const events = await api.list<Wire<CoreV1Event>>({
        path: paths.events(namespace),
        query: { fieldSelector: `involvedObject.kind=Pod,involvedObject.name=${pod},type=Warning` },
        ...(signal ? { signal } : {}),
        doing: `list events of pod ${namespace}/${pod}`,
      })
      return events.map(({ reason, message, count, series, lastTimestamp, eventTime, metadata }) => ({
        reason: reason ?? '',
        message: message ?? '',
        count: series?.count ?? count ?? 1,
        at: instant(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp),
      }))
    },
  }
}
