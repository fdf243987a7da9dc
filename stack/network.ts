/** The private ranges of the Kubernetes part; on a real node none of them ever reaches the default route. */
export const network = {
  /** Added to `lo`: the address of the real node, of its API server, and of PostgreSQL for pods. */
  nodeAddress: '10.250.0.1',
  services: '10.96.0.0/16',
  /** Where a pod finds the API server. */
  apiService: '10.96.0.1',
  /** Pods of all nodes, and of the one real node. */
  pods: '10.244.0.0/16',
  realPods: '10.244.1.0/24',
  simulatedPods: '10.64.0.0/16',
  bridge: 'refit0',
} as const

export const realNode = 'real-1'

export const simulatedNodes = ['simulated-1', 'simulated-2'] as const
