import type { Kubernetes, Registry } from '../clients/contracts'

/** What operations need that look at what runs now. */
export interface Cluster {
  kubernetes: Kubernetes
  registry: Registry
}
