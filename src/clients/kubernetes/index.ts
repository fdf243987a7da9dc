import type { Kubernetes } from '../contracts'
import { createApi } from './api'
import { check } from './check'
import { connect } from './connection'
import { deletePod } from './delete-pod'
import { jobsOf } from './jobs'
import { loadKubeconfig } from './kubeconfig'
import { nodePlatforms } from './nodes'
import { rolloutObserver } from './observe-rollout'
import { namespacesIn } from './namespaces'
import { observeServices } from './observe-services'
import { patchImages } from './patch-images'
import { podGet } from './pod-get'
import { dockerConfigSecret } from './pull-secret'
import { rehearsalsOf } from './rehearsals'

/**
 * The cluster that this kubeconfig's current context names; without one, the cluster that this process runs in, as the
 * pod's service account. Nothing is asked of it yet. Throws CONFIG_INVALID.
 */
export function createKubernetes({ kubeconfig }: { kubeconfig?: string } = {}): Kubernetes {
  const { config, server } = loadKubeconfig(kubeconfig)
  const connection = connect(config, server)
  const api = createApi(connection)
  const jobs = jobsOf(api)
  return {
    observeServices: (namespaces, signal) => observeServices(api, namespaces, signal),
    observeRollout: rolloutObserver(api),
    patchImages: (namespace, workload, changes, options) => patchImages(api, namespace, workload, changes, options),
    deletePod: (namespace, pod, uid) => deletePod(api, namespace, pod, uid),
    ...jobs,
    ...rehearsalsOf(api, jobs.deleteJob),
    podGet: (namespace, pod, port, path, timeoutMs) => podGet(api, namespace, pod, port, path, timeoutMs),
    dockerConfigSecret: (namespace, name) => dockerConfigSecret(api, namespace, name),
    nodePlatforms: (signal) => nodePlatforms(api, signal),
    namespaces: () => namespacesIn(api),
    check: (namespaces, mode) => check(api, namespaces, mode),
    close: () => {
      connection.close()
      return Promise.resolve()
    },
  }
}
