import type { Deployment, ObjectMeta, Pod } from '../../src/clients/kubernetes/wire'

export const digest = (digit: string): string => `sha256:${digit.repeat(64)}`

type TemplateSpec = NonNullable<NonNullable<NonNullable<Deployment['spec']>['template']>['spec']>
type Container = TemplateSpec['containers'][number]

export interface DeploymentOptions {
  replicas?: number
  strategy?: NonNullable<Deployment['spec']>['strategy']
  metadata?: Partial<ObjectMeta>
  init?: (Partial<Container> & { image: string })[]
  containers?: (Partial<Container> & { image: string })[]
}

/** A Deployment as the API server sends it, with what a test is about. */
export function deployment(name: string, options: DeploymentOptions = {}): Deployment {
  const { replicas = 3, strategy, metadata, init = [], containers = [] } = options
  const named = (each: Partial<Container>, index: number): Container => ({ name: `c${index}`, ...each })
  return {
    metadata: { name, uid: `uid-${name}`, resourceVersion: '1', generation: 1, ...metadata },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      strategy,
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: containers.map(named),
          ...(init.length > 0 ? { initContainers: init.map(named) } : {}),
        },
      },
    },
    status: { observedGeneration: 1 },
  }
}

/** A pod that runs these images; `imageIDs` is what its containers report, in order. */
export function pod(name: string, images: string[], imageIDs: string[], ready = true): Pod {
  return {
    metadata: { name, labels: { 'pod-template-hash': 'abc' } },
    spec: { containers: images.map((image, index) => ({ name: `c${index}`, image })) },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: imageIDs.map((imageID, index) => ({
        name: `c${index}`,
        image: images[index] ?? '',
        imageID,
        ready,
        restartCount: 0,
      })),
    },
  }
}
