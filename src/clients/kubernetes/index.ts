import type { Kubernetes } from '../contracts'
import { createApi } from './api'
import { deniedReader, versionOf } from './check'
import { connect } from './connection'
import { deletePod } from './delete-pod'
import { followRollout } from './follow'
import { jobsOf } from './jobs'
import { KnownVersions } from './known-versions'
import { loadKubeconfig } from './kubeconfig'
import { neighbours } from './neighbours'
import { nodePlatforms } from './nodes'
import { rolloutObserver } from './observe-rollout'
import { namespacesIn } from './namespaces'
import { servicesObserver } from './observe-services'
import { patchImages } from './patch-images'
import { podGet } from './pod-get'
import { podStories } from './pod-story'
import { dockerConfigSecret } from './pull-secret'
import { rehearsalsOf } from './rehearsals'
import { surroundingsReader } from './surroundings'
import { Watches } from './watches'

/**
 * The cluster that this kubeconfig's current context names; without one, the cluster that this process runs in, as the
 * pod's service account. Nothing is asked of it yet. Throws CONFIG_INVALID.
 */
export function createKubernetes({ kubeconfig }: { kubeconfig?: string } = {}): Kubernetes {
  const { config, server } = loadKubeconfig(kubeconfig)
  const connection = connect(config, server)
  const versions = new KnownVersions()
  const api = versions.noting(createApi(connection))
  const watches = new Watches(api)
  const jobs = jobsOf(api)
  return {
    observeServices: servicesObserver(api),
    surroundings: surroundingsReader(api),
    observeRollout: rolloutObserver(api),
    neighbours: (namespace, nodes, signal) => neighbours(api, namespace, nodes, signal),
    followRollout: (namespace, workload) => followRollout({ api, watches, versions }, namespace, workload),
    patchImages: (namespace, workload, changes, options) => patchImages(api, namespace, workload, changes, options),
    deletePod: (namespace, pod, uid) => deletePod(api, namespace, pod, uid),
    ...jobs,
    ...rehearsalsOf(api, jobs.deleteJob),
    ...podStories(api),
    podGet: (namespace, pod, port, path, timeoutMs) => podGet(api, namespace, pod, port, path, timeoutMs),
    dockerConfigSecret: (namespace, name) => dockerConfigSecret(api, namespace, name),
    nodePlatforms: (signal) => nodePlatforms(api, signal),
    namespaces: () => namespacesIn(api),
    version: () => versionOf(api),
    denied: deniedReader(api),
    close: () => {
      watches.close()
      connection.close()
      return Promise.resolve()
    },
  }
}
